using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

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
