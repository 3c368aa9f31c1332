"""Why each rule is there and what keeping it costs, for the page of hostile wheels."""

RULES = {
    "path-escape": (
        "It is written wherever the wheel says, or on another system.",
        "A name that goes up and stays inside is refused as well; no build tool writes one.",
    ),
    "path-character": (
        "It is another path to another system or reader, or steers the terminal that shows it.",
        "No file's name holds a backslash, a control character or what turns its direction.",
    ),
    "path-form": ("Some leave such parts out, and then two names are one.", ""),
    "path-length": (
        "It can be written half, and not removed.",
        "255 bytes for a part, 1024 for the whole, 100 folders.",
    ),
    "link": (
        "What comes later is written through it.",
        "A wheel has no links; the format knows none.",
    ),
    "special-file": ("It is no file, so a reader waits for it, or another makes a folder.", ""),
    "duplicate-name": ("The first counts for one reader, the last for another.", ""),
    "name-clash": (
        "On macOS and Windows one of the two is lost without a word.",
        "Files whose names differ by case alone can't be shipped, not even for Linux.",
    ),
    "data-folder": (
        "An installer would have to guess where it goes, or takes metadata that nobody checked.",
        "",
    ),
    "limit-count": ("Memory ends before the directory does.", "{limits.count:,} members."),
    "limit-file": (
        "What is read whole must fit into memory.",
        "16 MiB of METADATA, 64 of RECORD, 1 of WHEEL and of entry points; 16 GiB of any file.",
    ),
    "limit-total": ("The disk ends before the content does.", "32 GiB unpacked."),
    "limit-ratio": (
        "A few bytes fill a disk.",
        "{limits.ratio} to one above 64 MiB; PyPI takes 50 to one.",
    ),
    "zip-end": (
        "Where an archive ends is where its directory is looked for; two ends are two archives.",
        "No byte follows the archive.",
    ),
    "zip-layout": (
        "Who reads from the front sees another wheel than who reads the directory.",
        "No byte is nobody's, so nothing stands before the archive either.",
    ),
    "zip-mismatch": ("A member has two names, sizes or contents, one for each reader.", ""),
    "zip64": ("One reader follows the long fields, another the short ones.", ""),
    "data-descriptor": (
        "Who reads a stream can't tell where the content ends, or is told wrongly.",
        "Wheels written to a pipe pass only compressed, and none when strict, as on PyPI.",
    ),
    "encoding": (
        "The same bytes are two names.",
        "Names that aren't ASCII must be marked as UTF-8, as they are since Python 3.",
    ),
    "encryption": ("Nobody can look into it.", ""),
    "method": (
        "Only some can unpack it, and a few do so in other ways.",
        "Stored and deflate alone, as the format says; Zstandard when the format has it.",
    ),
    "crc": ("It was damaged or changed.", ""),
    "deflate": ("Hidden behind the end of a stream lies what only some readers see.", ""),
    "size": ("A declared size keeps nobody from a bomb unless it is counted.", ""),
    "record-form": ("What can't be read can't be checked, nor removed later.", ""),
    "record-path": ("Who uninstalls removes what is listed.", ""),
    "record-missing": (
        "Nobody would notice that it was added, and nobody would remove it.",
        "A wheel that was changed by hand must be packed again: `wheelyard pack`.",
    ),
    "record-absent": ("Something was taken away.", "The same."),
    "record-hash": (
        "An index's hash says that the file came whole, not that its content is what was built.",
        "The same; MD5 and SHA-1 of very old wheels prove nothing.",
    ),
    "record-size": ("It isn't what was built.", "The same."),
    "dist-info": (
        "Two tools take it for two projects, or one takes it for installed that isn't.",
        "",
    ),
    "missing-file": ("Name, form or content can't be told.", ""),
    "metadata": ("Two readers understand two things, or neither ends.", ""),
    "name-mismatch": ("It is resolved as one project and installed as another.", ""),
    "version-mismatch": ("The same with versions: an update that is none.", ""),
    "wheel-version": ("The format may mean something else then.", ""),
    "entry-point": (
        "A name becomes a file and a value becomes code.",
        "A script's name is letters, digits and `_.-`; blanks, which some take, are refused.",
    ),
}
