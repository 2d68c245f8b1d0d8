using System.Buffers.Binary;
using System.Text;

namespace Nspawn;

/// <summary>Writes method calls as D-Bus has them on the wire, little-endian; D-Bus Specification, "Message Protocol".</summary>
internal sealed class WireWriter
{
    private const byte LittleEndian = (byte)'l', MethodCall = 1, Version = 1;

    private byte[] _bytes = new byte[256];
    private int _length;

    /// <summary>A call whose arguments are strings, numbers or truth values.</summary>
    public static byte[] Call(uint serial, string path, string @interface, string member, params ReadOnlySpan<object> arguments)
    {
        WireWriter body = new();
        StringBuilder signature = new();
        foreach (object argument in arguments)
        {
            _ = signature.Append(body.Append(argument));
        }

        WireWriter message = new();
        message.AppendBytes([LittleEndian, MethodCall, 0, Version]);
        message.Append((uint)body._length);
        message.Append(serial);
        message.Append(0u); // the fields' length, known afterwards
        int fields = message._length;
        message.AppendField(1, "o", path);
        message.AppendField(2, "s", @interface);
        message.AppendField(3, "s", member);
        if (signature.Length > 0)
        {
            message.AppendField(8, "g", signature.ToString());
        }

        BinaryPrimitives.WriteUInt32LittleEndian(message._bytes.AsSpan(fields - sizeof(uint)), (uint)(message._length - fields));
        message.Align(8);
        message.AppendBytes(body._bytes.AsSpan(0, body._length));
        return message._bytes[..message._length];
    }

    private void AppendField(byte code, string type, string value)
    {
        Align(8);
        AppendBytes([code]);
        AppendSignature(type);
        if (type == "g")
        {
            AppendSignature(value);
        }
        else
        {
            _ = Append(value);
        }
    }

    /// <summary>Appends a value; its type.</summary>
    private char Append(object value)
    {
        switch (value)
        {
            case string text:
                byte[] bytes = Encoding.UTF8.GetBytes(text);
                Append((uint)bytes.Length);
                AppendBytes(bytes);
                AppendBytes([0]);
                return 's';
            case bool truth:
                Append(truth ? 1u : 0u);
                return 'b';
            case uint number:
                Append(number);
                return 'u';
            default:
                throw new ArgumentException(value.GetType().Name);
        }
    }

    private void Append(uint number)
    {
        Align(sizeof(uint));
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        AppendBytes(bytes);
    }

    private void AppendSignature(string text) => AppendBytes([(byte)text.Length, .. Encoding.ASCII.GetBytes(text), 0]);

    private void Align(int to)
    {
        while (_length % to != 0)
        {
            AppendBytes([0]);
        }
    }

    private void AppendBytes(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }
}
