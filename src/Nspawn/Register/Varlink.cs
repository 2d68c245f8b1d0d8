using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// One call over a service's own socket: JSON and a zero byte there, JSON and a zero byte back, with descriptors that the
/// messages name by their number in the order they come in; varlink.org.
/// </summary>
internal static class Varlink
{
    private const int LongestAnswer = 64 * 1024;

    /// <param name="path">The service's socket.</param>
    /// <param name="service">Its name, for errors.</param>
    /// <param name="message">Without the zero byte at its end.</param>
    /// <param name="patience">How long it may all take.</param>
    /// <param name="descriptors">To go along.</param>
    /// <param name="received">Takes what comes along; null: nothing is expected.</param>
    /// <returns>The answer: JSON, or what else the service said.</returns>
    /// <exception cref="VarlinkException">The service cannot be spoken to.</exception>
    public static byte[] Call(
        string path, string service, byte[] message, TimeSpan patience, ReadOnlySpan<SafeFileHandle> descriptors = default,
        List<SafeFileHandle>? received = null)
    {
        try
        {
            long deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
            using SafeFileHandle socket = StreamSocket.Connect(path, patience);
            StreamSocket.Send(socket, [.. message, 0], descriptors, service); // short enough for the socket's own buffer
            return StreamSocket.ReadMessage(socket, LongestAnswer, deadline, service, received)
                ?? throw new VarlinkException($"{service} ends the conversation");
        }
        catch (SyscallException failure)
        {
            throw new VarlinkException(failure.Errno == Errno.EAGAIN
                ? $"{service} does not answer"
                : $"{service} cannot be reached: {failure.Reason}");
        }
    }
}

/// <summary>A service could not be spoken to; the message names it.</summary>
internal sealed class VarlinkException(string message) : Exception(message);
