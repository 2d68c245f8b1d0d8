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

        name = RootlessEntry.Begin(name);
        bool asSystemdNspawn = ProgramName.IsSystemdNspawn(name);
        Complain.ProgramName = asSystemdNspawn ? "systemd-nspawn" : "nspawn";
        try
        {
            StandardDescriptors.EnsureOpen();
            CheckEncoding(args);
            ParsedCommandLine asked = CommandLine.Parse(args, name, OptionContext.OfProcess());
            switch (asked)
            {
                case ParsedCommandLine.Launch or ParsedCommandLine.CleanUp:
                    RootlessEntry.BecomeRoot(name, args, (asked as ParsedCommandLine.Launch)?.Request.Alone);
                    break;
                case ParsedCommandLine.Test or ParsedCommandLine.TestMany or ParsedCommandLine.Diff:
                    RootlessEntry.EnterUsers(name, args);
                    break;
                case ParsedCommandLine.Explain explain:
                    RootlessEntry.EnterUsersOf(name, args, explain.Request.Alone);
                    break;
                case ParsedCommandLine.Check check:
                    RootlessEntry.EnterUsersOf(name, args, check.Settings);
                    break;
            }

            return CarryOut(asked, asSystemdNspawn);
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
                Settings settings = ManagedEntry.Complete(Agree(launch.Request));
                return new Launcher(settings, Environment.GetEnvironmentVariable, asSystemdNspawn).Run();
            case ParsedCommandLine.CleanUp cleanUp:
                Cleanup.Of(cleanUp.Settings);
                return 0;
            case ParsedCommandLine.Examine examine:
                return Doctor.Examine(examine.Machine, examine.Json);
            case ParsedCommandLine.Explain explain:
                Output.Print(Explanation.Of(
                    Agree(explain.Request), SettingsFileReader.Candidates(explain.Request.Alone).Select(one => one.Path), explain.Json));
                return 0;
            case ParsedCommandLine.Check check:
                return Inspection.Of(check);
            case ParsedCommandLine.Diff diff:
                return DiffVerb.Run(diff.Request);
            case ParsedCommandLine.TestMany many:
                return MatrixVerb.Run(many.Request);
            case ParsedCommandLine.Test test:
                return TestVerb.Run(test.Request);
            case ParsedCommandLine.OnMachine machine:
                return MachineVerbs.CarryOut(machine.Request);
            case ParsedCommandLine.ShowText show:
                Output.Print(show.Text);
                return 0;
            default:
                throw new InvalidOperationException(asked.GetType().Name);
        }
    }

    /// <summary>
    /// The command line, the settings file and what an OCI image or bundle wants, together; what is not heeded is said, quiet
    /// or not.
    /// </summary>
    private static Settings Agree(Request request)
    {
        Settings alone = request.Alone;
        OciBundle? bundle = OciReader.BundleOf(alone);
        OciImage? image = bundle is null ? OciReader.ImageOf(alone) : null;
        Agreement agreement = request.With(
            bundle is null ? SettingsFileReader.Find(alone, besideTree: ManagedEntry.Tree is null) : null, bundle?.Defaults ?? OciReader.DefaultsOf(image, alone));
        foreach (string warning in (bundle?.Warnings ?? []).Select(one => $"{alone.OciBundle}: {one}").Concat(agreement.Warnings))
        {
            Complain.Line(warning);
        }

        Settings settings = agreement.Settings;
        // Nobody writes to layers that others use.
        return image is null ? settings
            : settings with { Oci = image, Ephemeral = settings.SparesTree ? settings.Ephemeral : EphemeralMode.Yes };
    }
}
