namespace Nspawn.Core;

/// <summary>The rows of a section, read one after the other; for <c>foreach</c>.</summary>
internal ref struct SyscallRows(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>The call's number on x86-64, or <see cref="SyscallTable.Absent"/>.</summary>
    public int X8664 { get; private set; }

    /// <summary>The call's number on i386, or <see cref="SyscallTable.Absent"/>.</summary>
    public int I386 { get; private set; }

    public ReadOnlySpan<byte> Name { get; private set; }

    public readonly SyscallRows Current => this;

    public readonly SyscallRows GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        X8664 = TakeNumber();
        I386 = TakeNumber();

        int end = _rest.IndexOf((byte)'\n');
        Name = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? [] : _rest[(end + 1)..];
        return true;
    }

    /// <summary>Takes the next number or dash, and the one space behind it.</summary>
    private int TakeNumber()
    {
        int i = 0;
        while (_rest[i] == ' ')
        {
            i++;
        }

        int number = 0;
        bool absent = false;
        for (; _rest[i] != ' '; i++)
        {
            absent |= _rest[i] == '-';
            number = (number * 10) + (_rest[i] - '0');
        }

        _rest = _rest[(i + 1)..];
        return absent ? SyscallTable.Absent : number;
    }
}
