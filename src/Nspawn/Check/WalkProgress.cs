using System.Diagnostics;
using System.Globalization;
using System.Text;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>Says on a terminal how far a long walk has come; elsewhere, and when it is over in no time, nothing.</summary>
internal sealed class WalkProgress
{
    private const long FirstAfter = 500, Every = 100; // milliseconds
    private const int FilesPerLook = 256;

    private readonly bool _isTerminal = Processes.IsTerminal(StandardDescriptors.Error);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private long _next = FirstAfter;

    public void Show(long files)
    {
        if (!_isTerminal || files % FilesPerLook != 0 || _clock.ElapsedMilliseconds < _next)
        {
            return;
        }

        _next = _clock.ElapsedMilliseconds + Every;
        Write($"\r{files.ToString("N0", CultureInfo.InvariantCulture)} files looked at");
    }

    public void Clear()
    {
        if (_isTerminal && _next != FirstAfter)
        {
            Write("\r\e[K");
        }
    }

    private static void Write(string text)
    {
        try
        {
            Descriptors.Write(StandardDescriptors.Borrow(StandardDescriptors.Error), Encoding.UTF8.GetBytes(text), "standard error");
        }
        catch (SyscallException)
        {
            // The terminal is gone; the report may still have readers.
        }
    }
}
