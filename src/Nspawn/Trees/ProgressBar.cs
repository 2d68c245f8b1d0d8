using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>One line on the caller's terminal about something that takes long.</summary>
internal sealed class ProgressBar(string what)
{
    private const int Width = 30;
    private int _shown = -1;

    /// <param name="part">From 0 to 1.</param>
    public void Show(double part)
    {
        int percent = (int)(Math.Clamp(part, 0, 1) * 100);
        if (percent != _shown)
        {
            _shown = percent;
            int full = percent * Width / 100;
            Write($"\r\e[K[{new string('#', full)}{new string(' ', Width - full)}] {percent,3}% {what}");
        }
    }

    /// <summary>Nothing of it stays.</summary>
    public void Clear()
    {
        if (_shown >= 0)
        {
            Write("\r\e[K");
        }
    }

    private static void Write(string text)
    {
        SafeFileHandle error = StandardDescriptors.Borrow(StandardDescriptors.Error);
        try
        {
            Descriptors.Write(error, Encoding.UTF8.GetBytes(text), "standard error");
        }
        catch (SyscallException)
        {
            // Whoever looked does not look any more.
        }
    }
}
