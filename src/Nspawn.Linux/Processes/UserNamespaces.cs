using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>User namespaces by a process in them; user_namespaces(7).</summary>
public static class UserNamespaces
{
    /// <summary>
    /// Says which ids of the caller's those of a process's new user namespace are: lines of first id inside, first id
    /// outside and count. It can be said once.
    /// </summary>
    public static void WriteMap(int pid, string uids, string gids)
    {
        Write($"/proc/{pid}/uid_map", uids);
        Write($"/proc/{pid}/gid_map", gids);
    }

    /// <summary>
    /// Says that the process's new user namespace has one user and one group, the caller's own: all that somebody without
    /// privileges may say. Nobody in it can change their groups then.
    /// </summary>
    public static void WriteOwnId(int pid, uint uid, uint gid)
    {
        Write($"/proc/{pid}/setgroups", "deny");
        WriteMap(pid, $"0 {uid} 1\n", $"0 {gid} 1\n");
    }

    /// <summary>
    /// The mounts that the caller sees belong to its own user namespace: what it mounts, others in there see. Otherwise it
    /// has to make a mount namespace of its own before it can mount anything.
    /// </summary>
    public static bool OwnsMounts()
    {
        using SafeFileHandle? mounts = Descriptors.TryOpen("/proc/thread-self/ns/mnt", OpenMode.Read, out _);
        if (mounts is null)
        {
            return true; // without /proc nothing works, and others say so
        }

        int owner = LibC.ioctl(mounts.Fd(), LibC.NS_GET_USERNS, 0);
        if (owner < 0)
        {
            return false; // one above, which the kernel does not show
        }

        using SafeFileHandle theirs = Descriptors.Own(owner);
        return FileStatus.Of(theirs, "user namespace").IsSameFileAs(FileStatus.At("/proc/self/ns/user") ?? default);
    }

    /// <summary>The process's user namespace, for as long as the descriptor is open.</summary>
    public static SafeFileHandle Open(int pid) => Descriptors.Open($"/proc/{pid}/ns/user", OpenMode.Read);

    // One write each: the kernel takes no second.
    private static void Write(string path, string text)
    {
        using SafeFileHandle file = Descriptors.TryOpen(path, OpenMode.Write, out Errno errno)
            ?? throw new SyscallException("open", errno, path);
        Descriptors.Write(file, Encoding.ASCII.GetBytes(text), path);
    }
}
