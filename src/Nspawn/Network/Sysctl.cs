using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>Settings of the kernel below /proc/sys; sysctl(8).</summary>
internal static class Sysctl
{
    /// <summary>The value, without the end of its line; null: this kernel has no such setting.</summary>
    public static string? Read(string path)
    {
        using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.Read, out _);
        return file is null ? null : Encoding.UTF8.GetString(Descriptors.ReadAll(file, 4096, path)).TrimEnd('\n');
    }

    /// <summary>Sets the value, if it is another; that of an interface that is gone is no error.</summary>
    public static void Write(string path, string value)
    {
        if (Read(path) == value)
        {
            return; // it may be read-only, and right
        }

        using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.Write, out Mono.Unix.Native.Errno errno);
        if (file is null)
        {
            _ = errno == Mono.Unix.Native.Errno.ENOENT ? 0 : throw new SyscallException("open", errno, path);
            return;
        }

        Descriptors.Write(file, Encoding.UTF8.GetBytes(value), path);
    }

    public static List<string> Names(string directory)
    {
        using SafeFileHandle? open = Descriptors.TryOpen(directory, OpenMode.Read | OpenMode.Directory, out _);
        return open is null ? [] : [.. DirectoryListing.Of(open, directory, directoriesOnly: true)];
    }
}
