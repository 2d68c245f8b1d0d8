using System.Text;

namespace Nspawn.Core;

/// <summary>The action for each system call number, on each architecture.</summary>
internal readonly ref struct SyscallActions(Span<SyscallAction> x8664, Span<SyscallAction> i386)
{
    public ReadOnlySpan<SyscallAction> X8664 { get; } = x8664;

    public ReadOnlySpan<SyscallAction> I386 { get; } = i386;

    private readonly Span<SyscallAction> _x8664 = x8664;
    private readonly Span<SyscallAction> _i386 = i386;

    public void Set(SyscallSection section, SyscallAction action)
    {
        foreach (SyscallRows row in SyscallTable.Rows(section))
        {
            Set(row, action);
        }
    }

    /// <summary>Sets what a word of <c>--system-call-filter=</c> names; false when it names nothing.</summary>
    public bool TrySet(string word, SyscallAction action)
    {
        if (!word.StartsWith('@'))
        {
            return TrySetCall(word, action);
        }

        if (SyscallGroup.Find(word) is not { } group)
        {
            return false;
        }

        foreach (SyscallSection section in group.Sections)
        {
            Set(section, Tempered(section, action));
        }

        foreach (string call in group.Calls)
        {
            _ = TrySetCall(call, action);
        }

        return true;
    }

    /// <summary>Puts <paramref name="action"/> in the place of "allow" for one call, if that is what it has.</summary>
    public void Qualify(int x8664, int i386, SyscallAction action)
    {
        if (_x8664[x8664] is SyscallAction.Allow)
        {
            _x8664[x8664] = action;
        }

        if (_i386[i386] is SyscallAction.Allow)
        {
            _i386[i386] = action;
        }
    }

    private bool TrySetCall(string name, SyscallAction action)
    {
        Span<byte> bytes = stackalloc byte[64];
        if (name.Length == 0 || !Encoding.UTF8.TryGetBytes(name, bytes, out int length))
        {
            return false;
        }

        ReadOnlySpan<byte> wanted = bytes[..length];
        for (SyscallSection section = 0; section <= SyscallTable.Last; section++)
        {
            foreach (SyscallRows row in SyscallTable.Rows(section))
            {
                if (row.Name.SequenceEqual(wanted))
                {
                    Set(row, Tempered(section, action));
                    return true;
                }
            }
        }

        foreach (Range word in SyscallTable.Elsewhere.SplitAny(" \n"u8))
        {
            if (SyscallTable.Elsewhere[word].SequenceEqual(wanted))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A call the kernel does not have is never refused: the truth about it is ENOSYS.</summary>
    private static SyscallAction Tempered(SyscallSection section, SyscallAction action) =>
        section is SyscallSection.Removed && action is SyscallAction.Refuse ? SyscallAction.Unknown : action;

    private void Set(SyscallRows row, SyscallAction action)
    {
        if (row.X8664 != SyscallTable.Absent)
        {
            _x8664[row.X8664] = action;
        }

        if (row.I386 != SyscallTable.Absent)
        {
            _i386[row.I386] = action;
        }
    }
}
