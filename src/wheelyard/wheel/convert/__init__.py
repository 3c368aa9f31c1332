"""Projects as they were distributed before there were wheels, as wheels.

``egg`` and ``wininst`` (the installers that distutils made) read one kind each into a
:class:`~.source.Source`; ``plan`` decides from that alone. Nothing is written before all is read.
"""

from wheelyard.wheel.convert.content import LeftOut
from wheelyard.wheel.convert.plan import Conversion, plan_conversion, write_conversion

__all__ = ["Conversion", "LeftOut", "plan_conversion", "write_conversion"]
