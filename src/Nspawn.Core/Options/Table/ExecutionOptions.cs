using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options that say what runs in the container.</summary>
internal static class ExecutionOptions
{
    private const string Start = "start";

    /// <summary>No option: the words behind them. A settings file has a key for them.</summary>
    public static readonly Option Operands =
        Option.Value("operands", null, "WORD", "Command, or arguments of init",
            (settings, value) => settings with { Arguments = [.. settings.Arguments, value] }) with
        {
            Key = "Exec.Parameters",
            Kind = Start,
            Words = true,
        };

    public static readonly ImmutableArray<Option> Rows =
    [
        Option.Flag("boot", 'b', "Boot the tree's init instead of a command",
            (settings, on) => settings with { Mode = Switch(settings.Mode, StartMode.Boot, on) }) with
        {
            Key = "Exec.Boot",
            Kind = Start,
        },
        Option.Flag("as-pid2", 'a', "Run the command as PID 2 of a small init",
            (settings, on) => settings with { Mode = Switch(settings.Mode, StartMode.AsPid2, on) }) with
        {
            Key = "Exec.ProcessTwo",
            Kind = Start,
        },
        Option.Value("chdir", null, "PATH", "Working directory in the container",
            (settings, value) => settings with { WorkingDirectory = ContainerPath.ParseWorkingDirectory(value) }) with
        {
            Key = "Exec.WorkingDirectory",
        },
        Option.Value("setenv", 'E', "NAME[=VALUE]", "Environment variable; without VALUE the caller's",
            (settings, value, context) => settings with
            {
                Environment = [.. settings.Environment, EnvironmentAssignment.Parse(value, context)],
            }) with
        {
            Key = "Exec.Environment",
            Words = true,
        },
        // --user was its name up to systemd 260; many callers still say so.
        Option.Value("uid", 'u', "USER", "User of the container to run the command as",
            (settings, value) => settings with { User = UserNames.Parse(value) }) with
        {
            OldName = "user",
            Key = "Exec.User",
        },
        Option.Value("kill-signal", null, "SIGNAL", "Signal that asks PID 1 to shut down",
            (settings, value) => settings with { KillSignal = SignalNames.Parse(value) }) with
        {
            Key = "Exec.KillSignal",
            Values = SignalNames.All,
        },
        Option.Value("notify-ready", null, "BOOL", "Ready when the payload says it is",
            (settings, value) => settings with { NotifyReady = Booleans.Parse(value) }) with
        {
            Key = "Exec.NotifyReady",
        },
        Option.Value("suppress-sync", null, "BOOL", "Make syncing to disk a no-op in the container",
            (settings, value) => settings with { SuppressSync = Booleans.Parse(value) }) with
        {
            Key = "Exec.SuppressSync",
        },
    ];

    private static StartMode Switch(StartMode current, StartMode mode, bool on) =>
        !on ? current == mode ? StartMode.Command : current
        : current == StartMode.Command || current == mode ? mode
        : throw new UsageException("excludes the other way to start: the tree's init is PID 1 (--boot), or a stub is (--as-pid2)");
}
