using System.ComponentModel;
using System.Diagnostics;

namespace Nspawn.UnitTests;

/// <summary>The C compiler as the one who knows what the headers say; cc(1).</summary>
internal static class CCompiler
{
    /// <summary>What it complains about in a program, nothing when it is content; the test is skipped where there is none.</summary>
    public static string Complaints(string program)
    {
        using Process? cc = Start();
        Need.That(cc is not null, "needs a C compiler");
        cc!.StandardInput.Write(program);
        cc.StandardInput.Close();
        string complaints = cc.StandardError.ReadToEnd();
        cc.WaitForExit();
        return cc.ExitCode == 0 ? "" : $"cc exited with {cc.ExitCode}\n{complaints}";
    }

    private static Process? Start()
    {
        ProcessStartInfo start = new("cc", ["-std=gnu11", "-fsyntax-only", "-x", "c", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C" },
        };
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
