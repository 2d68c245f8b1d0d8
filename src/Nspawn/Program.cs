using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

internal static class Program
{
    private const int SystemdNspawnFailure = 1;

    private static int Main(string[] args)
    {
        string name = Environment.GetCommandLineArgs()[0];
        if (name == Janitor.ProgramName)
        {
            using SafeFileHandle journal = new(Janitor.Journal, ownsHandle: true);
            UndoJournal.UndoFrom(journal);
            return 0;
        }

        bool asSystemdNspawn = ProgramName.IsSystemdNspawn(name);
        Complain.ProgramName = asSystemdNspawn ? "systemd-nspawn" : "nspawn";
        try
        {
            StandardDescriptors.EnsureOpen();
            CheckEncoding(args);
            return CarryOut(CommandLine.Parse(args, name, OptionContext.OfProcess()), asSystemdNspawn);
        }
        catch (UsageException refusal)
        {
            Complain.Line(refusal.Message);
            return asSystemdNspawn ? SystemdNspawnFailure : LaunchException.LauncherError;
        }
        catch (LaunchException failure)
        {
            Complain.Line(failure.Message);
            return asSystemdNspawn ? SystemdNspawnFailure : failure.ExitStatus;
        }
        catch (Exception failure)
        {
            // A system call nobody gave words to, or a fault of our own: still one line, and everything undone by now.
            Complain.Line(failure is SyscallException ? failure.Message : $"internal error: {failure.GetType().Name}: {failure.Message}");
            return asSystemdNspawn ? SystemdNspawnFailure : LaunchException.LauncherError;
        }
    }

    /// <summary>The runtime has replaced what is not UTF-8; the payload must not get other words than were given.</summary>
    private static void CheckEncoding(string[] args)
    {
        string? replaced = args.FirstOrDefault(arg => arg.Contains('\ufffd'));
        if (replaced is null)
        {
            return;
        }

        using SafeFileHandle file = Descriptors.Open("/proc/self/cmdline", OpenMode.Read);
        if (!System.Text.Unicode.Utf8.IsValid(Descriptors.ReadAll(file, int.MaxValue, "/proc/self/cmdline")))
        {
            throw new UsageException($"cannot pass on what is not UTF-8: {replaced}");
        }
    }

    private static int CarryOut(ParsedCommandLine asked, bool asSystemdNspawn)
    {
        switch (asked)
        {
            case ParsedCommandLine.Launch launch:
                return new Launcher(launch.Settings, Environment.GetEnvironmentVariable, asSystemdNspawn).Run();
            case ParsedCommandLine.CleanUp cleanUp:
                Cleanup.Of(cleanUp.Settings);
                return 0;
            case ParsedCommandLine.Examine examine:
                return Doctor.Examine(examine.Machine, examine.Json);
            case ParsedCommandLine.Explain explain:
                Output.Print(Explanation.Of(explain.Settings, explain.Json));
                return 0;
            case ParsedCommandLine.ShowText show:
                Output.Print(show.Text);
                return 0;
            default:
                throw new InvalidOperationException(asked.GetType().Name);
        }
    }
}
