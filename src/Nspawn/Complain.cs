using System.Text;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The one place that prints what went wrong, or what the user should know: a line each, on standard error.</summary>
internal static class Complain
{
    /// <summary>The name the program goes by in its messages.</summary>
    public static string ProgramName { get; set; } = "nspawn";

    public static void Line(string text)
    {
        byte[] line = Encoding.UTF8.GetBytes($"{ProgramName}: {Message.OneLine(text)}\n");
        try
        {
            Descriptors.Write(StandardDescriptors.Borrow(StandardDescriptors.Error), line, "standard error");
        }
        catch (SyscallException)
        {
            // Nobody listens: there is no other place to say so.
        }
    }
}
