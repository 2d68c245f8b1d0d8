using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>How far a running machine is.</summary>
public enum MachinePhase
{
    /// <summary>Its init has not said yet that it is ready.</summary>
    Starting,

    /// <summary>Its init has said so.</summary>
    Ready,

    /// <summary>It runs, and nobody in it says when it is ready.</summary>
    Running,

    /// <summary>It was asked to end, or ends by itself.</summary>
    Stopping,
}

/// <summary>
/// What a launcher leaves about its machine while it runs: lines <c>KEY=VALUE</c> in a file that is written once, and to
/// which news is appended. Whoever watches the file hears of it.
/// </summary>
public sealed record MachineState
{
    /// <summary>Of a line break in a value; the kernel allows one in a path, and a user in a variable.</summary>
    private const string LineBreak = "\\n";

    public required string Machine { get; init; }
    public required Guid Id { get; init; }

    /// <summary>Where the tree is on the host.</summary>
    public required string Tree { get; init; }

    /// <summary>
    /// What the tree called itself when the machine was started; null: nothing. The machine itself is not asked: what is
    /// mounted in there may be its own, and never answer.
    /// </summary>
    public string? OperatingSystem { get; init; }

    /// <summary>The container's PID 1.</summary>
    public required ProcessIdentity Leader { get; init; }
    public required ProcessIdentity Launcher { get; init; }

    /// <summary>The container's group, as a path below the cgroup2 hierarchy's root.</summary>
    public required string Cgroup { get; init; }

    /// <summary>Microseconds since 1970.</summary>
    public required long Started { get; init; }

    /// <summary>Its init tells when it is ready.</summary>
    public required bool Announces { get; init; }
    public required Confinement Confinement { get; init; }

    // News.
    public bool SaidReady { get; init; }
    public bool SaidStopping { get; init; }

    /// <summary>Units that its init has reported to be active; systemd 256 and later report targets.</summary>
    public ImmutableHashSet<string> ActiveUnits { get; init; } = [];

    /// <summary>Its init reports its targets as they become active and inactive.</summary>
    public bool ReportsUnits { get; init; }

    public MachinePhase Phase => this switch
    {
        { SaidStopping: true } => MachinePhase.Stopping,
        { SaidReady: true } => MachinePhase.Ready,
        { Announces: true } => MachinePhase.Starting,
        _ => MachinePhase.Running,
    };

    /// <summary>All but the news.</summary>
    public string ToText()
    {
        StringBuilder text = new(2048);
        Append(text, "MACHINE", Machine);
        Append(text, "ID", Id.ToString("N"));
        Append(text, "TREE", Tree);
        if (OperatingSystem is not null)
        {
            Append(text, "OS", OperatingSystem);
        }

        Append(text, "LEADER", Leader.ToString());
        Append(text, "LAUNCHER", Launcher.ToString());
        Append(text, "CGROUP", Cgroup);
        Append(text, "STARTED", Started.ToString(CultureInfo.InvariantCulture));
        Append(text, "ANNOUNCES", Announces ? "yes" : "no");
        Confinement.AppendTo((key, value) => Append(text, key, value));
        // The last line: without it the file is not written to its end yet.
        return text.Append(End).ToString();
    }

    private const string End = "END\n";

    /// <summary>Reads such a file; null when it is none, or not yet.</summary>
    public static MachineState? Parse(string text)
    {
        int end = text.IndexOf("\n" + End, StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        Dictionary<string, List<string>> fields = Fields(text[..end]);
        string? One(string key) => fields.TryGetValue(key, out List<string>? values) ? values[0] : null;
        if (One("MACHINE") is not string machine || !Guid.TryParseExact(One("ID"), "N", out Guid id)
            || ProcessIdentity.Parse(One("LEADER") ?? "") is not { } leader || ProcessIdentity.Parse(One("LAUNCHER") ?? "") is not { } launcher
            || !long.TryParse(One("STARTED"), CultureInfo.InvariantCulture, out long started))
        {
            return null;
        }

        MachineState state = new()
        {
            Machine = machine,
            Id = id,
            Tree = One("TREE") ?? "",
            OperatingSystem = One("OS"),
            Leader = leader,
            Launcher = launcher,
            Cgroup = One("CGROUP") ?? "",
            Started = started,
            Announces = One("ANNOUNCES") == "yes",
            Confinement = Confinement.From(key => fields.GetValueOrDefault(key) ?? []),
        };
        return text[(end + 1 + End.Length)..].Split('\n')[..^1].Aggregate(state, (now, line) => now.With(line));
    }

    /// <summary>The state after a line of news.</summary>
    public MachineState With(string line) => line.Split('=', 2) switch
    {
        [MachineNews.Ready] => this with { SaidReady = true },
        [MachineNews.Stopping] => this with { SaidStopping = true },
        [MachineNews.Active, string unit] => this with { ActiveUnits = ActiveUnits.Add(unit), ReportsUnits = true },
        [MachineNews.Inactive, string unit] => this with { ActiveUnits = ActiveUnits.Remove(unit), ReportsUnits = true },
        _ => this,
    };

    private static void Append(StringBuilder text, string key, string value) =>
        text.Append(key).Append('=')
            .Append(value.AsSpan().ContainsAny('\\', '\n') ? value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", LineBreak, StringComparison.Ordinal) : value)
            .Append('\n');

    private static Dictionary<string, List<string>> Fields(string text)
    {
        Dictionary<string, List<string>> fields = [];
        foreach (string line in text.Split('\n'))
        {
            if (line.Split('=', 2) is [string key, string value])
            {
                if (!fields.TryGetValue(key, out List<string>? values))
                {
                    fields[key] = values = [];
                }

                values.Add(Unescape(value));
            }
        }

        return fields;
    }

    private static string Unescape(string value)
    {
        if (!value.Contains('\\'))
        {
            return value;
        }

        StringBuilder text = new(value.Length);
        for (int i = 0; i < value.Length; i++)
        {
            bool escaped = value[i] == '\\' && i + 1 < value.Length;
            _ = text.Append(!escaped ? value[i] : value[++i] == 'n' ? '\n' : value[i]);
        }

        return text.ToString();
    }
}
