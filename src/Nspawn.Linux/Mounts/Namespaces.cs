using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>The namespaces of the calling thread; unshare(2), setns(2).</summary>
public static class Namespaces
{
    /// <summary>
    /// Gives the calling thread a mount namespace, a root and a working directory of its own. The other threads of the
    /// process keep theirs: what this thread mounts is seen by nobody else, and is gone with it.
    /// </summary>
    public static void UnshareMounts() =>
        _ = Check.Result(LibC.unshare((int)(LibC.CLONE_FS | LibC.CLONE_NEWNS)), "mount namespace");

    /// <summary>The calling thread's mount namespace, to come back to.</summary>
    public static SafeFileHandle OpenMounts() => Descriptors.Open("/proc/thread-self/ns/mnt", OpenMode.Read);

    /// <summary>Enters a mount namespace; root and working directory become that namespace's root.</summary>
    public static void EnterMounts(SafeFileHandle mounts) =>
        _ = Check.Result(LibC.setns(mounts.Fd(), (int)LibC.CLONE_NEWNS), "mount namespace");

    /// <summary>The calling thread's network namespace, to come back to.</summary>
    public static SafeFileHandle OpenNetwork() => Descriptors.Open("/proc/thread-self/ns/net", OpenMode.Read);

    /// <summary>The network namespace of a process that is not reaped yet: the number still means it.</summary>
    public static SafeFileHandle OpenNetworkOf(int pid) => Descriptors.Open($"/proc/{pid}/ns/net", OpenMode.Read);

    /// <summary>Enters a network namespace: what is opened from here on belongs to it.</summary>
    public static void EnterNetwork(SafeFileHandle network) =>
        _ = Check.Result(LibC.setns(network.Fd(), (int)LibC.CLONE_NEWNET), "network namespace");

    /// <summary>The calling thread in a network namespace; its own again at the end.</summary>
    public static T InNetwork<T>(SafeFileHandle network, Func<T> work)
    {
        using SafeFileHandle own = OpenNetwork();
        EnterNetwork(network);
        try
        {
            return work();
        }
        finally
        {
            EnterNetwork(own);
        }
    }

    /// <summary>The open file stands for a network namespace; ioctl_nsfs(2).</summary>
    public static bool IsNetwork(SafeFileHandle file) =>
        LibC.ioctl(file.Fd(), LibC.NS_GET_NSTYPE, 0) == (int)LibC.CLONE_NEWNET;

    /// <summary>Makes a directory the calling thread's root and working directory; chroot(2).</summary>
    public static void EnterRoot(SafeFileHandle root)
    {
        _ = Check.Result(LibC.fchdir(root.Fd()), "root");
        _ = Check.Result(LibC.chroot("."), "root");
    }
}
