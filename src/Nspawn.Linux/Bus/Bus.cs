using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// A connection to the system bus, or to a user's own, by libsystemd's sd-bus; everything about D-Bus goes through this type and
/// <see cref="BusMessage"/>. It never waits for good: a call that gets no answer in time is the last one that waits.
/// </summary>
public sealed unsafe class Bus : IDisposable
{
    private readonly nint _bus;
    private readonly SafeFileHandle _handle;
    private bool _broken;
    private bool _silent;

    private Bus(nint bus)
    {
        _bus = bus;
        _handle = new SafeFileHandle(LibSystemd.sd_bus_get_fd(bus), ownsHandle: false);
    }

    /// <summary>Connects; null, and the reason, when there is no bus, no libsystemd, or no answer.</summary>
    /// <param name="patience">How long an answer is waited for.</param>
    /// <param name="reason">Why there is no connection.</param>
    /// <param name="userBus">The socket of a user's bus; null: the system bus is meant.</param>
    public static Bus? TryConnect(TimeSpan patience, out string reason, string? userBus = null)
    {
        string name = userBus is null ? "the system bus" : $"the bus {userBus}";
        try
        {
            nint bus;
            int result = userBus is null ? LibSystemd.sd_bus_open_system(&bus) : Open(userBus, &bus);
            if (result >= 0)
            {
                result = AwaitReady(bus, patience);
                if (result > 0)
                {
                    reason = "";
                    return new Bus(bus);
                }

                _ = LibSystemd.sd_bus_close_unref(bus);
            }

            reason = result == 0 ? $"{name} does not answer" : $"no connection to {name}: {ErrnoText.Of((Errno)(-result))}";
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException)
        {
            reason = $"no libsystemd.so.0 to speak to {name} with";
        }

        return null;
    }

    /// <summary>The connection's own name on the bus.</summary>
    public string UniqueName
    {
        get
        {
            byte* name;
            Check(LibSystemd.sd_bus_get_unique_name(_bus, &name), "bus");
            return Marshal.PtrToStringUTF8((nint)name) ?? "";
        }
    }

    /// <summary>What to poll; idle once the bus is gone.</summary>
    public PollEntry Entry => _broken ? PollEntry.Idle : PollEntry.For(_handle, (PollEvents)LibSystemd.sd_bus_get_events(_bus));

    public BusMessage NewCall(string destination, string path, string @interface, string member)
    {
        nint message;
        Check(LibSystemd.sd_bus_message_new_method_call(_bus, &message, destination, path, @interface, member), member);
        return new BusMessage(message);
    }

    /// <summary>Calls and waits for the answer.</summary>
    /// <exception cref="BusException">It was refused, or none came in time.</exception>
    public BusMessage Call(BusMessage call, TimeSpan patience)
    {
        if (_broken || _silent)
        {
            throw new BusException("", _broken ? "the bus is gone" : "the bus does not answer");
        }

        nint* error = stackalloc nint[3]; // struct sd_bus_error: name, message, and whether they are to be freed
        new Span<nint>(error, 3).Clear();
        nint reply = 0;
        int result = LibSystemd.sd_bus_call(_bus, call.Pointer, (ulong)patience.TotalMicroseconds, error, &reply);
        if (result >= 0)
        {
            return new BusMessage(reply);
        }

        BusException failure = new(
            Marshal.PtrToStringUTF8(error[0]) ?? "", Marshal.PtrToStringUTF8(error[1]) ?? ErrnoText.Of((Errno)(-result)));
        LibSystemd.sd_bus_error_free(error);
        _silent |= failure.IsTimeout; // whoever did not answer once is not asked again, but may be told something
        _broken |= (Errno)(-result) is Errno.ENOTCONN or Errno.ECONNRESET or Errno.EPIPE;
        throw failure;
    }

    /// <summary>Calls without asking for an answer.</summary>
    public void Send(BusMessage call)
    {
        if (!_broken)
        {
            Check(LibSystemd.sd_bus_message_set_expect_reply(call.Pointer, 0), "message");
            _broken = LibSystemd.sd_bus_send(_bus, call.Pointer, null) < 0;
        }
    }

    /// <summary>The next message that came unasked; null when none is waiting.</summary>
    public BusMessage? Next()
    {
        while (!_broken)
        {
            nint message = 0;
            int result = LibSystemd.sd_bus_process(_bus, &message);
            if (message != 0)
            {
                _silent = false;
                return new BusMessage(message);
            }

            _broken = result < 0;
            if (result == 0)
            {
                break;
            }
        }

        return null;
    }

    /// <summary>The next message that comes unasked before the time is up.</summary>
    public BusMessage? Await(long deadline)
    {
        while (true)
        {
            BusMessage? message = Next();
            long left = deadline - Environment.TickCount64;
            if (message is not null || _broken || left <= 0)
            {
                return message;
            }

            _ = LibSystemd.sd_bus_wait(_bus, (ulong)left * 1000);
        }
    }

    public void Dispose()
    {
        _ = _broken || _silent ? LibSystemd.sd_bus_close_unref(_bus) : LibSystemd.sd_bus_flush_close_unref(_bus);
        _handle.Dispose();
    }

    internal static void Check(int result, string subject)
    {
        if (result < 0)
        {
            throw new BusException("", $"{subject}: {ErrnoText.Of((Errno)(-result))}");
        }
    }

    private static int Open(string socket, nint* bus)
    {
        int result = LibSystemd.sd_bus_new(bus);
        if (result < 0)
        {
            return result;
        }

        // What else a byte may be in such an address is written in hexadecimal digits; the D-Bus specification.
        string path = string.Concat(System.Text.Encoding.UTF8.GetBytes(socket).Select(
            one => char.IsAsciiLetterOrDigit((char)one) || "-_/.".Contains((char)one) ? $"{(char)one}" : $"%{one:x2}"));
        result = LibSystemd.sd_bus_set_address(*bus, "unix:path=" + path);
        result = result < 0 ? result : LibSystemd.sd_bus_set_bus_client(*bus, 1);
        result = result < 0 ? result : LibSystemd.sd_bus_start(*bus);
        if (result < 0)
        {
            _ = LibSystemd.sd_bus_close_unref(*bus);
        }

        return result;
    }

    // By hand: the library itself would wait a minute and a half for a bus that accepts and says nothing.
    private static int AwaitReady(nint bus, TimeSpan patience)
    {
        long deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (true)
        {
            int result = LibSystemd.sd_bus_process(bus, null);
            int ready = result < 0 ? result : LibSystemd.sd_bus_is_ready(bus);
            long left = deadline - Environment.TickCount64;
            if (ready != 0 || left <= 0)
            {
                return ready;
            }

            _ = result > 0 ? 0 : LibSystemd.sd_bus_wait(bus, (ulong)left * 1000);
        }
    }
}
