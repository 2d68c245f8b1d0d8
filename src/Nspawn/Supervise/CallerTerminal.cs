using System.Globalization;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>A terminal of the caller's and the attributes to give back to it.</summary>
/// <param name="Descriptor">0 or 1.</param>
/// <param name="Attributes">struct termios, as tcsetattr(3) takes it.</param>
internal sealed record SavedTerminal(int Descriptor, byte[] Attributes);

/// <summary>
/// The terminal the launcher was started from: raw while the container's console is on it, so that every key, Ctrl-C
/// too, means something to the container only. Given back as it was on every way out.
/// </summary>
internal sealed class CallerTerminal : IDisposable
{
    private static readonly WindowSize Fallback = new(24, 80);

    private readonly TerminalAttributes? _input = Of(StandardDescriptors.Input);
    private readonly TerminalAttributes? _output = Of(StandardDescriptors.Output);
    private bool _isRaw;

    /// <summary>What to restore should the launcher be killed before it can do so itself.</summary>
    public IReadOnlyList<SavedTerminal> Saved()
    {
        List<SavedTerminal> saved = [];
        if (_input != null)
        {
            saved.Add(new SavedTerminal(StandardDescriptors.Input, _input.ToBytes()));
        }

        if (_output != null)
        {
            saved.Add(new SavedTerminal(StandardDescriptors.Output, _output.ToBytes()));
        }

        return saved;
    }

    /// <summary>Standard output is one: what is printed there is seen by a person.</summary>
    public bool ShowsOutput => _output != null;

    /// <summary>Sets the terminal raw. Two different terminals are each set only in the direction they are used in.</summary>
    public void MakeRaw()
    {
        _isRaw = true;
        if (_input != null && _output != null
            && StatusOf(StandardDescriptors.Input).IsSameFileAs(StatusOf(StandardDescriptors.Output)))
        {
            Apply(StandardDescriptors.Input, _input.Raw());
            return;
        }

        Apply(StandardDescriptors.Output, _output?.RawOutput());
        Apply(StandardDescriptors.Input, _input?.RawInput());
    }

    /// <summary>Gives the terminal back as it was; does nothing the second time.</summary>
    public void Dispose()
    {
        if (!_isRaw)
        {
            return;
        }

        _isRaw = false;
        Apply(StandardDescriptors.Output, _output);
        Apply(StandardDescriptors.Input, _input);
    }

    /// <summary>The size for the container's console: the terminal's, else $LINES and $COLUMNS, else 24 by 80.</summary>
    public static WindowSize Size() =>
        Terminal.SizeOf(StandardDescriptors.Borrow(StandardDescriptors.Output)) ?? new WindowSize(
            FromEnvironment("LINES") ?? Fallback.Rows,
            FromEnvironment("COLUMNS") ?? Fallback.Columns);

    private static ushort? FromEnvironment(string name) =>
        ushort.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, null, out ushort value)
        && value > 0
            ? value
            : null;

    private static TerminalAttributes? Of(int descriptor) =>
        TerminalAttributes.Of(StandardDescriptors.Borrow(descriptor));

    // A terminal that is gone needs no attributes.
    private static void Apply(int descriptor, TerminalAttributes? attributes) =>
        attributes?.Apply(StandardDescriptors.Borrow(descriptor));

    private static FileStatus StatusOf(int descriptor) =>
        FileStatus.Of(StandardDescriptors.Borrow(descriptor), $"descriptor {descriptor}");
}
