using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// One message of the bus: arguments are appended in order, or read in order. What D-Bus calls containers (arrays,
/// structs, variants) are opened and closed around their content; sd_bus_message_append(3).
/// </summary>
public sealed unsafe class BusMessage : IDisposable
{
    internal BusMessage(nint message) => Pointer = message;

    internal nint Pointer { get; private set; }

    public BusMessage Append(string text) => AppendText('s', text);

    public BusMessage Append(bool value)
    {
        int number = value ? 1 : 0;
        return AppendBasic('b', &number);
    }

    public BusMessage Append(int number) => AppendBasic('i', &number);

    public BusMessage Append(uint number) => AppendBasic('u', &number);

    public BusMessage Append(ushort number) => AppendBasic('q', &number);

    public BusMessage Append(ulong number) => AppendBasic('t', &number);

    /// <summary>A descriptor; the message holds a copy of its own.</summary>
    public BusMessage Append(SafeFileHandle handle)
    {
        int fd = handle.Fd();
        return AppendBasic('h', &fd);
    }

    /// <summary>An array of bytes.</summary>
    public BusMessage Append(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            Check(LibSystemd.sd_bus_message_append_array(Pointer, (byte)'y', first, (nuint)bytes.Length));
        }

        return this;
    }

    public BusMessage OpenArray(string elements) => Open('a', elements);

    public BusMessage OpenStruct(string fields) => Open('r', fields);

    public BusMessage OpenVariant(string type) => Open('v', type);

    public BusMessage Close()
    {
        Check(LibSystemd.sd_bus_message_close_container(Pointer));
        return this;
    }

    /// <summary>The next argument, a string or an object's path.</summary>
    /// <param name="type"><c>s</c> or <c>o</c>.</param>
    public string ReadText(char type = 's')
    {
        byte* text;
        Check(LibSystemd.sd_bus_message_read_basic(Pointer, (byte)type, &text));
        return Marshal.PtrToStringUTF8((nint)text) ?? "";
    }

    /// <summary>The next argument, a variant that holds a string.</summary>
    public string ReadVariantText()
    {
        Check(LibSystemd.sd_bus_message_enter_container(Pointer, (byte)'v', "s"));
        return ReadText();
    }

    public uint ReadUInt32()
    {
        uint number;
        Check(LibSystemd.sd_bus_message_read_basic(Pointer, (byte)'u', &number));
        return number;
    }

    public bool IsSignal(string @interface, string member) =>
        LibSystemd.sd_bus_message_is_signal(Pointer, @interface, member) > 0;

    public void Dispose()
    {
        if (Pointer != 0)
        {
            _ = LibSystemd.sd_bus_message_unref(Pointer);
            Pointer = 0;
        }
    }

    private BusMessage Open(char type, string contents)
    {
        Check(LibSystemd.sd_bus_message_open_container(Pointer, (byte)type, contents));
        return this;
    }

    private BusMessage AppendText(char type, string text)
    {
        fixed (byte* first = Encoding.UTF8.GetBytes(text + '\0'))
        {
            return AppendBasic(type, first);
        }
    }

    private BusMessage AppendBasic(char type, void* value)
    {
        Check(LibSystemd.sd_bus_message_append_basic(Pointer, (byte)type, value));
        return this;
    }

    private static void Check(int result) => Bus.Check(result, "message");
}
