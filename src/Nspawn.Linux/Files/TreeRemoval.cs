using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// Removes a directory with all that is in it. What is in it may be a payload's: names of any bytes, directories nested
/// without end, files marked immutable. Links are not followed.
/// </summary>
public static unsafe class TreeRemoval
{
    /// <summary>Removes a directory of the launcher's own; false when it is not there, or another's.</summary>
    public static bool Remove(string path)
    {
        (string above, string name) = RootDirectory.Split(path);
        using SafeFileHandle? parent = Descriptors.TryOpen(above, OpenMode.Path | OpenMode.Directory, out _);
        return parent is not null && Remove(parent, name, path);
    }

    /// <summary>The same, by the name it has in an open directory.</summary>
    public static bool Remove(SafeFileHandle parent, string name, string subject)
    {
        using SafeFileHandle? directory = Descriptors.TryOpenAt(parent, name, OpenMode.Read | OpenMode.Directory, out _);
        if (directory is null || FileStatus.Of(directory, subject).Uid != LibC.geteuid())
        {
            return false;
        }

        Empty(directory, subject);
        return FileSystems.Unlink(parent, name, directory: true, subject);
    }

    // Never deeper than two: what is found further down is moved up first. So no stack and no table of descriptors is
    // ever too small.
    private static void Empty(SafeFileHandle top, string subject)
    {
        int moved = 0;
        string prefix = $".#{Guid.NewGuid():N}-";
        List<byte[]> names;
        while ((names = DirectoryListing.RawNames(top, subject)).Count > 0)
        {
            foreach (byte[] name in names.Where(name => !IsRemoved(top, name, subject)))
            {
                using SafeFileHandle below = Open(top, name, subject);
                List<byte[]> inside;
                while ((inside = DirectoryListing.RawNames(below, subject)).Count > 0)
                {
                    foreach (byte[] one in inside.Where(one => !IsRemoved(below, one, subject)))
                    {
                        MoveUp(below, one, top, $"{prefix}{moved++}", subject);
                    }

                    Descriptors.Rewind(below);
                }

                _ = IsRemoved(top, name, subject);
            }

            Descriptors.Rewind(top);
        }
    }

    /// <summary>It is gone, or it is a directory with something in it.</summary>
    private static bool IsRemoved(SafeFileHandle directory, byte[] name, string subject)
    {
        for (int attempt = 0; ; attempt++)
        {
            fixed (byte* text = name)
            {
                Errno errno = LibC.unlinkat(directory.Fd(), text, 0) == 0 ? 0 : Check.LastErrno();
                if (errno == Errno.EISDIR)
                {
                    errno = LibC.unlinkat(directory.Fd(), text, LibC.AT_REMOVEDIR) == 0 ? 0 : Check.LastErrno();
                }

                if (errno is 0 or Errno.ENOENT)
                {
                    return true;
                }

                if (errno is Errno.ENOTEMPTY or Errno.EEXIST)
                {
                    return false;
                }

                if (errno != Errno.EPERM || attempt > 0)
                {
                    throw new SyscallException("unlinkat", errno, $"{subject}/{Encoding.UTF8.GetString(name).TrimEnd('\0')}");
                }

                FileAttributes.Clear(directory);
                FileAttributes.Clear(directory, text);
            }
        }
    }

    private static void MoveUp(SafeFileHandle from, byte[] name, SafeFileHandle to, string newName, string subject)
    {
        fixed (byte* text = name)
        {
            using Utf8 target = new(newName);
            if (LibC.renameat(from.Fd(), text, to.Fd(), (byte*)(nint)target) != 0)
            {
                FileAttributes.Clear(from, text);
                _ = Check.Result(LibC.renameat(from.Fd(), text, to.Fd(), (byte*)(nint)target), subject);
            }
        }
    }

    private static SafeFileHandle Open(SafeFileHandle directory, byte[] name, string subject)
    {
        const int Flags = LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC;
        fixed (byte* text = name)
        {
            return Descriptors.Own(Check.Result(LibC.openat(directory.Fd(), text, Flags, 0), subject));
        }
    }
}
