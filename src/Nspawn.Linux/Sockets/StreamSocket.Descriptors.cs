using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

public static unsafe partial class StreamSocket
{
    /// <summary>A message carries at most so many descriptors; the kernel's SCM_MAX_FD.</summary>
    private const int MostDescriptors = 253;

    /// <summary>Sends all of it, and copies of the descriptors with its first byte.</summary>
    public static void Send(SafeFileHandle socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<SafeFileHandle> descriptors, string subject)
    {
        if (descriptors.IsEmpty)
        {
            Send(socket, bytes, subject);
            return;
        }

        int payload = sizeof(LibC.cmsghdr) + descriptors.Length * sizeof(int);
        ulong* control = stackalloc ulong[ControlWords(descriptors.Length)];
        LibC.cmsghdr* header = (LibC.cmsghdr*)control;
        *header = new LibC.cmsghdr { cmsg_len = (nuint)payload, cmsg_level = LibC.SOL_SOCKET, cmsg_type = LibC.SCM_RIGHTS };
        for (int i = 0; i < descriptors.Length; i++)
        {
            ((int*)(header + 1))[i] = descriptors[i].Fd();
        }

        LibC.msghdr message = new()
        {
            msg_iovlen = 1,
            msg_control = control,
            msg_controllen = (nuint)(ControlWords(descriptors.Length) * sizeof(ulong)),
        };
        nint sent;
        fixed (byte* first = bytes)
        {
            LibC.iovec vector = new() { iov_base = first, iov_len = (nuint)bytes.Length };
            message.msg_iov = &vector;
            sent = Check.Result(LibC.sendmsg(socket.Fd(), &message, LibC.MSG_NOSIGNAL), subject);
        }

        Send(socket, bytes[(int)sent..], subject);
    }

    // The descriptors are the caller's from here on, closed with the next execve(2).
    private static nint Receive(SafeFileHandle socket, byte* first, int length, List<SafeFileHandle> descriptors, string subject)
    {
        int words = ControlWords(MostDescriptors);
        ulong* control = stackalloc ulong[words];
        LibC.iovec vector = new() { iov_base = first, iov_len = (nuint)length };
        LibC.msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = (nuint)(words * sizeof(ulong)) };
        nint received = Check.Result(LibC.recvmsg(socket.Fd(), &message, LibC.MSG_CMSG_CLOEXEC), subject);
        byte* at = (byte*)control;
        byte* end = at + message.msg_controllen;
        while (end - at >= sizeof(LibC.cmsghdr))
        {
            LibC.cmsghdr* header = (LibC.cmsghdr*)at;
            if (header->cmsg_level == LibC.SOL_SOCKET && header->cmsg_type == LibC.SCM_RIGHTS)
            {
                int count = ((int)header->cmsg_len - sizeof(LibC.cmsghdr)) / sizeof(int);
                for (int i = 0; i < count; i++)
                {
                    descriptors.Add(new SafeFileHandle(((int*)(header + 1))[i], ownsHandle: true));
                }
            }

            at += ((int)header->cmsg_len + sizeof(ulong) - 1) & ~(sizeof(ulong) - 1);
        }

        return received;
    }

    private static int ControlWords(int descriptors) =>
        (sizeof(LibC.cmsghdr) + descriptors * sizeof(int) + sizeof(ulong) - 1) / sizeof(ulong);
}
