using System.Text;

namespace Nspawn;

/// <summary>
/// Reads values as D-Bus has them on the wire, by their signature. Numbers come as long or ulong or double, strings, paths and
/// signatures as string, arrays and structs as <c>object[]</c>, a dictionary as an array of pairs, a variant as what is in it.
/// Whoever sent it may be hostile: every length is checked against what is there.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes, bool littleEndian)
{
    /// <summary>As deep as the specification allows.</summary>
    private const int DeepestNesting = 64;

    /// <summary>A value takes many times the memory of its bytes; a manager with ten thousand units has a tenth of these to tell.</summary>
    private const int MostValues = 1_000_000;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;
    private int _values;

    public int Position
    {
        readonly get => _at;
        set => _at = value;
    }

    /// <summary>The values of a signature.</summary>
    public object[] Read(string signature) => ReadAll(signature, DeepestNesting);

    public void Align(int to) => _ = Take((to - _at % to) % to);

    private object[] ReadAll(ReadOnlySpan<char> signature, int depth)
    {
        List<object> values = [];
        while (!signature.IsEmpty)
        {
            ReadOnlySpan<char> one = signature[..LengthOfFirst(signature, depth)];
            values.Add(ReadOne(one, depth));
            signature = signature[one.Length..];
        }

        return [.. values];
    }

    private object ReadOne(ReadOnlySpan<char> type, int depth)
    {
        if (depth == 0 || ++_values > MostValues)
        {
            throw Malformed();
        }

        switch (type[0])
        {
            case 'y':
                return (ulong)Take(1)[0];
            case 'b':
                return Number(4) != 0;
            case 'n':
                return (long)(short)Number(2);
            case 'q':
                return Number(2);
            case 'i':
                return (long)(int)Number(4);
            case 'u' or 'h':
                return Number(4);
            case 'x':
                return (long)Number(8);
            case 't':
                return Number(8);
            case 'd':
                return BitConverter.UInt64BitsToDouble(Number(8));
            case 's' or 'o':
                return Text((int)Math.Min(Number(4), int.MaxValue));
            case 'g':
                return Text(Take(1)[0]);
            case 'v':
                string inner = Text(Take(1)[0]);
                return inner.Length > 0 && LengthOfFirst(inner, depth) == inner.Length ? ReadOne(inner, depth - 1) : throw Malformed();
            case 'a':
                return ReadArray(type[1..], depth - 1);
            default: // ( and {, which LengthOfFirst has seen closed
                Align(8);
                return ReadAll(type[1..^1], depth - 1);
        }
    }

    private object[] ReadArray(ReadOnlySpan<char> element, int depth)
    {
        int length = (int)Math.Min(Number(4), int.MaxValue);
        Align(AlignmentOf(element[0]));
        int end = length <= _bytes.Length - _at ? _at + length : throw Malformed();
        List<object> values = [];
        while (_at < end)
        {
            values.Add(ReadOne(element, depth));
        }

        return _at == end ? [.. values] : throw Malformed();
    }

    private ulong Number(int size)
    {
        Align(size);
        ReadOnlySpan<byte> taken = Take(size);
        ulong number = 0;
        for (int i = 0; i < size; i++)
        {
            number |= (ulong)taken[i] << 8 * (littleEndian ? i : size - 1 - i);
        }

        return number;
    }

    private string Text(int length)
    {
        string text = Encoding.UTF8.GetString(Take(length));
        return Take(1)[0] == 0 ? text : throw Malformed();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _bytes.Length - _at)
        {
            throw Malformed();
        }

        _at += count;
        return _bytes.Slice(_at - count, count);
    }

    private static int AlignmentOf(char type) => type switch
    {
        'y' or 'g' or 'v' => 1,
        'n' or 'q' => 2,
        'x' or 't' or 'd' or '(' or '{' => 8,
        _ => 4,
    };

    /// <summary>How much of a signature its first complete type is.</summary>
    private static int LengthOfFirst(ReadOnlySpan<char> signature, int depth)
    {
        if (signature.IsEmpty || depth == 0)
        {
            throw Malformed();
        }

        switch (signature[0])
        {
            case 'a':
                return 1 + LengthOfFirst(signature[1..], depth - 1);
            case '(' or '{':
                char close = signature[0] == '(' ? ')' : '}';
                int length = 1;
                while (length < signature.Length && signature[length] != close)
                {
                    length += LengthOfFirst(signature[length..], depth - 1);
                }

                return length < signature.Length && length > 1 ? length + 1 : throw Malformed();
            default:
                return "ybnqiuhxtdsogv".Contains(signature[0]) ? 1 : throw Malformed();
        }
    }

    private static GuestException Malformed() => new("", "its manager's answer makes no sense");
}
