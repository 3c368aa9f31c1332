"""Running a plan: ``schedule`` decides what is ready (pure), ``local`` runs it on this machine."""
