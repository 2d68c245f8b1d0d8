using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>AF_UNIX stream sockets; unix(7).</summary>
public static unsafe class StreamSocket
{
    public static SafeFileHandle Connect(string path)
    {
        LibC.sockaddr_un name = new() { sun_family = LibC.AF_UNIX };
        _ = Encoding.UTF8.GetBytes(path, new Span<byte>(name.sun_path, 107));
        const int Type = LibC.SOCK_STREAM | LibC.SOCK_CLOEXEC;
        SafeFileHandle socket = Descriptors.Own(Check.Result(LibC.socket(LibC.AF_UNIX, Type, 0), path));
        _ = Check.Result(LibC.connect(socket.Fd(), &name, (uint)sizeof(LibC.sockaddr_un)), path);
        return socket;
    }
}
