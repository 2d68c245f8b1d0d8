using System.Collections.Immutable;
using System.Text.Json;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>A runtime bundle: its tree, and how what is in it wants to be run.</summary>
/// <param name="Defaults">What is asked for, the tree with it; the command line has its way.</param>
/// <param name="Warnings">What of it is not heeded, a line each.</param>
public sealed record OciBundle(RunDefaults Defaults, ImmutableArray<string> Warnings)
{
    public const string ConfigName = "config.json";

    private const string Config = ConfigName;

    /// <param name="content">Of config.json.</param>
    /// <param name="directory">The bundle, absolute: paths in it may begin there.</param>
    /// <exception cref="OciException">It asks for something that cannot be done.</exception>
    public static OciBundle Parse(ReadOnlySpan<byte> content, string directory)
    {
        BundleDocument document;
        try
        {
            document = JsonSerializer.Deserialize(content, BundleJson.Default.BundleDocument) ?? throw new OciException($"its {Config} is null");
        }
        catch (JsonException failure)
        {
            string line = failure.LineNumber is long number ? $", line {number + 1}" : "";
            string path = failure.Path is null or "$" ? "" : $": {Message.Printable(failure.Path.TrimStart('$', '.'))} has another form";
            throw new OciException($"its {Config} is no such document{line}{path}");
        }

        return new BundleReading(document, directory).Read();
    }
}

/// <summary>Turns a bundle's document into options, part by part.</summary>
internal sealed class BundleReading(BundleDocument document, string directory)
{
    private const string Config = OciBundle.ConfigName;

    private readonly List<Assignment> _always = [];
    private readonly List<Assignment> _unlessGiven = [];
    private readonly List<string> _warnings = [];

    public OciBundle Read()
    {
        if (document.OciVersion is not ['1', '.', ..])
        {
            throw new OciException($"its ociVersion is {Message.Printable(document.OciVersion ?? "missing")}: expected 1.x");
        }

        string root = document.Root?.Path is { Length: > 0 } path ? path : throw new OciException("it names no root.path");
        Ask(true, "directory", "root.path", HostPath.Absolute(root, new OptionContext(_ => null, directory)));
        Ask(document.Root!.Readonly, "read-only", "root.readonly", null);
        Ask(!string.IsNullOrEmpty(document.Hostname), "hostname", "hostname", document.Hostname);
        Ignored("", document.Rest);
        BundleProcess process = document.Process ?? throw new OciException("it has no process");
        if (process.Args is not [_, ..])
        {
            throw new OciException("its process.args name no program");
        }

        ReadProcess(process);
        foreach (BundleMount mount in (document.Mounts ?? []).OfType<BundleMount>())
        {
            if (BundleMounts.Read(mount, directory) is CustomMount custom)
            {
                AddMount(custom, "mounts");
            }
        }

        // What the host is, the container need not be like.
        foreach ((string option, string value) in ((string, string)[])[("resolv-conf", "off"), ("timezone", "off"), ("link-journal", "no")])
        {
            Ask(true, option, Config, value);
        }

        ReadLinux(document.Linux ?? throw new OciException("it has no linux: it is for another system"));
        return new OciBundle(
            new RunDefaults
            {
                Always = [.. _always],
                UnlessGiven = [.. _unlessGiven],
                Command = [.. (process.Args ?? []).OfType<string>().Select(word => RunDefaults.Asked(OptionTable.Operands, "process.args", word))],
            },
            [.. _warnings]);
    }

    private void ReadProcess(BundleProcess process)
    {
        _always.AddRange((process.Env ?? []).OfType<string>().Where(word => word.Contains('=')).Select(word => RunDefaults.Asked("setenv", "process.env", word)));
        Ask(!process.Terminal, "console", "process.terminal", "pipe");
        Ask(process.Cwd is not (null or "/"), "chdir", "process.cwd", process.Cwd);
        Ask(process.NoNewPrivileges, "no-new-privileges", "process.noNewPrivileges", "yes");
        Ask(process.OomScoreAdj is not null, "oom-score-adjust", "process.oomScoreAdj", $"{process.OomScoreAdj}");
        if (process.User is { } user && user is not { Uid: 0, Gid: 0, AdditionalGids: null or [] })
        {
            Option asked = ImageDefaults.User with
            {
                Apply = (settings, _, _) => settings with
                {
                    User = $"{user.Uid}",
                    Group = $"{user.Gid}",
                    UserNeedNotExist = true,
                    UserGroups = [.. user.AdditionalGids ?? []],
                },
            };
            _unlessGiven.Add(RunDefaults.Asked(asked, "process.user", $"{user.Uid}"));
        }

        HashSet<string> limited = [];
        foreach (BundleRlimit limit in (process.Rlimits ?? []).OfType<BundleRlimit>())
        {
            string name = limited.Add(limit.Type ?? "") ? limit.Type ?? "" : throw new OciException($"its process.rlimits have two {Message.Printable(limit.Type ?? "null")}");
            _always.Add(RunDefaults.Asked(LimitOption(limit), "process.rlimits", name));
        }

        if (process.Capabilities is { } capabilities)
        {
            string[] kept = [.. (capabilities.Bounding ?? []).OfType<string>()];
            // All others, for options may bring some with them.
            string[] dropped = [.. CapabilitySet.All.Names().Except(kept, StringComparer.OrdinalIgnoreCase)];
            Ask(kept.Length > 0, "capability", "process.capabilities.bounding", string.Join(',', kept));
            Ask(dropped.Length > 0, "drop-capability", "process.capabilities.bounding", string.Join(',', dropped));
            Ask(capabilities.Ambient is [_, ..], "ambient-capability", "process.capabilities.ambient", string.Join(',', capabilities.Ambient ?? []));
        }

        Ignored("process.", process.Rest?.Where(one => one.Value.ValueKind != JsonValueKind.String || one.Value.GetString() != ""));
    }

    // Here every limit is a number of the kernel's units.
    private static Option LimitOption(BundleRlimit limit)
    {
        Rlimit value = new(Number(limit.Soft), Number(limit.Hard));
        Option row = OptionTable.All.First(one => one.Name == "rlimit");
        return row with
        {
            Apply = (settings, name, _) => settings with { Rlimits = settings.Rlimits.SetItem(Rlimits.Resource(name ?? ""), value) },
        };

        static ulong Number(decimal number) => number is < 0 or >= ulong.MaxValue ? Rlimit.Infinity : (ulong)number;
    }

    private void ReadLinux(BundleLinux linux)
    {
        ReadNamespaces(linux.Namespaces ?? []);
        foreach (BundleDevice device in (linux.Devices ?? []).OfType<BundleDevice>())
        {
            if (BundleMounts.Read(device) is CustomMount custom)
            {
                AddMount(custom, "linux.devices");
            }
        }

        foreach (CustomMount cover in BundleMounts.Covers(linux))
        {
            AddMount(cover, "linux.maskedPaths");
        }

        if (linux.Seccomp is { } seccomp)
        {
            (ImmutableArray<string> allow, ImmutableArray<string> deny) = BundleFilter.Read(seccomp);
            Option row = OptionTable.All.First(one => one.Name == "system-call-filter");
            _unlessGiven.Add(new Assignment(row with { Apply = (settings, _, _) => settings with { AllowSystemCalls = allow, DenySystemCalls = deny } }, ""));
        }

        // systemd's own form; any other is for a cgroup manager that is not here.
        string[] cgroup = (linux.CgroupsPath ?? "").Split(':');
        Ask(cgroup.Length == 3 && cgroup[0].EndsWith(".slice", StringComparison.Ordinal), "slice", "linux.cgroupsPath", cgroup[0]);
        foreach (string property in BundleProperties.Of(linux.Resources, _warnings))
        {
            _always.Add(RunDefaults.Asked("property", "linux.resources", property));
        }

        if (linux.RootfsPropagation is "shared" or "rshared")
        {
            throw new OciException("its linux.rootfsPropagation is shared: mounts of a container do not come back to the host");
        }

        if (linux.Rest?.GetValueOrDefault("sysctl") is { ValueKind: JsonValueKind.Object } sysctl && sysctl.EnumerateObject().Any())
        {
            throw new OciException("it has linux.sysctl, which cannot be set yet; take it out");
        }

        Ignored("linux.", linux.Rest?.Where(one => one.Key != "sysctl"));
    }

    private void ReadNamespaces(BundleNamespace?[] namespaces)
    {
        HashSet<string> types = [];
        foreach (BundleNamespace one in namespaces.OfType<BundleNamespace>())
        {
            string type = one.Type ?? "null";
            if (one.Path is { Length: > 0 } || type is not ("mount" or "pid" or "ipc" or "uts" or "network" or "cgroup" or "time"))
            {
                throw new OciException(one.Path is { Length: > 0 } ? $"it wants the {Message.Printable(type)} name space at {Message.Printable(one.Path)}, and a container gets its own"
                    : type == "user" ? "it wants a user name space, which is not available for bundles; take it out"
                    : $"it wants a name space {Message.Printable(type)}, which is not known");
            }

            if (!types.Add(type))
            {
                throw new OciException($"it wants two name spaces {type}");
            }
        }

        foreach (string needed in (ReadOnlySpan<string>)["mount", "pid", "ipc", "uts"])
        {
            if (!types.Contains(needed))
            {
                throw new OciException($"it wants the host's {needed} name space: a container always has its own; add it to linux.namespaces");
            }
        }

        Ask(types.Contains("network"), "private-network", "linux.namespaces", null);
        if (types.Contains("time"))
        {
            _warnings.Add("linux.namespaces: a time name space is not made");
        }
    }

    private void AddMount(CustomMount mount, string field)
    {
        Option row = OptionTable.All.First(one => one.Name == "bind");
        _always.Add(RunDefaults.Asked(row with { Apply = (settings, _, _) => settings with { Mounts = [.. settings.Mounts, mount] } }, field, mount.Destination));
    }

    private void Ask(bool asked, string option, string field, string? value)
    {
        if (asked)
        {
            _unlessGiven.Add(RunDefaults.Asked(option, field, value));
        }
    }

    private void Ignored(string prefix, IEnumerable<KeyValuePair<string, JsonElement>>? rest)
    {
        foreach ((string key, JsonElement value) in rest ?? [])
        {
            if (value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
            {
                _warnings.Add(key == "hooks" && prefix.Length == 0 ? "hooks are not run" : $"{prefix}{Message.Printable(key)} has no effect here");
            }
        }
    }
}
