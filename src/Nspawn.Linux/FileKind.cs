using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>What an open descriptor leads to; inode(7).</summary>
public readonly record struct FileKind
{
    private const uint TerminalAuxiliaryMajor = 5;
    private const uint TerminalMasterMinor = 2;

    private readonly uint _type;
    private readonly uint _major;
    private readonly uint _minor;

    private FileKind(uint type, uint major, uint minor) => (_type, _major, _minor) = (type, major, minor);

    public bool IsRegular => _type is LibC.S_IFREG or LibC.S_IFBLK or LibC.S_IFDIR;

    public bool IsPipe => _type == LibC.S_IFIFO;

    public bool IsSocket => _type == LibC.S_IFSOCK;

    /// <summary>The controlling side of a pseudo terminal; ptmx(4).</summary>
    public bool IsTerminalMaster =>
        _type == LibC.S_IFCHR && _major == TerminalAuxiliaryMajor && _minor == TerminalMasterMinor;

    /// <summary>Two descriptors lead to the same terminal or device.</summary>
    public static bool SameDevice(int one, int other) =>
        Of(StandardDescriptors.Borrow(one)) == Of(StandardDescriptors.Borrow(other));

    /// <summary>The kind of a descriptor; one that is not open is of no kind.</summary>
    public static unsafe FileKind Of(SafeFileHandle handle)
    {
        LibC.statx_t stat;
        return LibC.statx(handle.Number(), "", LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, &stat) == 0
            ? new FileKind(stat.stx_mode & LibC.S_IFMT, stat.stx_rdev_major, stat.stx_rdev_minor)
            : default;
    }
}
