using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>The two files of the tree that follow the host: /etc/resolv.conf and /etc/localtime.</summary>
internal static class EtcSteps
{
    private const string ResolvConfPath = "/etc/resolv.conf";
    private const string LocaltimePath = "/etc/localtime";
    private const MountFlags Bound = MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoDev;

    public static IEnumerable<Step> Of(PlanInput input) => ResolvConfSteps(input).Concat(TimezoneSteps(input));

    private static IEnumerable<Step> ResolvConfSteps(PlanInput input)
    {
        if (GeneratedResolvConf(input) is string generated)
        {
            yield return new ReplaceFile(ResolvConfPath, generated, 0x1a4 /* 0644 */)
            {
                Reason = "--resolv-conf=auto: the tree has none, or one that asks its own loopback: the host's name servers",
                Optional = true,
            };
            yield break;
        }

        ResolvConfMode mode = Resolve(input);
        if (mode == ResolvConfMode.Off)
        {
            yield break;
        }

        string reason = input.Settings.ResolvConf == ResolvConfMode.Auto
            ? "--resolv-conf=auto: the container shares the host's network"
            : "--resolv-conf=";
        if (mode == ResolvConfMode.Delete)
        {
            yield return new RemoveFile(ResolvConfPath) { Reason = reason, Optional = true };
            yield break;
        }

        (string verb, ResolvConfSource asked) = Parts(mode);
        ResolvConfSource source = Reachable(input, asked);
        if (!input.Host.ResolvConf.TryGetValue(source, out string? content) || IsDeadEnd(input, content))
        {
            yield break;
        }

        TreeFile there = input.Tree.ResolvConf;
        bool unchanged = there.Kind == TreeFileKind.Regular && there.Text == content;
        switch (verb)
        {
            case "bind":
                yield return new BindHost(ResolvConf.PathOf(source), ResolvConfPath, Bound, NoFollow: true) { Reason = reason, Optional = true };
                break;
            case "replace" when !unchanged:
            case "copy" when !unchanged && there.Kind is TreeFileKind.Missing or TreeFileKind.Regular:
                yield return new ReplaceFile(ResolvConfPath, content, 0x1a4 /* 0644 */) { Reason = reason, Optional = true };
                break;
        }
    }

    /// <summary>
    /// What the tree's file becomes where the launcher itself looks after the link: it knows whom to ask. A link is left to
    /// the service in the tree that it belongs to.
    /// </summary>
    private static string? GeneratedResolvConf(PlanInput input)
    {
        bool wanted = input.Settings.ResolvConf == ResolvConfMode.Auto && !input.ReadOnly && NetworkSteps.IsServed(input)
            && !input.Host.Network.NameServers.IsEmpty && !CustomMountSteps.Cover(input, ResolvConfPath);
        return wanted && input.Tree.ResolvConf is { Kind: TreeFileKind.Missing or TreeFileKind.Regular } there
            && (there.Kind == TreeFileKind.Missing || ResolvConf.HasNoReachable(there.Text ?? ""))
            ? string.Concat(input.Host.Network.NameServers.Select(server => $"nameserver {server}\n"))
            : null;
    }

    /// <summary>The file asked for, or the host's real servers, where the file has its loopback only and the container another.</summary>
    private static ResolvConfSource Reachable(PlanInput input, ResolvConfSource source) =>
        input.Host.ResolvConf.TryGetValue(source, out string? content) && IsDeadEnd(input, content)
            ? ResolvConfSource.Uplink
            : source;

    private static bool IsDeadEnd(PlanInput input, string content) =>
        input.Settings.LeavesNetwork && ResolvConf.HasOnlyLoopback(content);

    private static ResolvConfMode Resolve(PlanInput input)
    {
        Settings settings = input.Settings;
        if (settings.ResolvConf != ResolvConfMode.Auto)
        {
            return settings.ResolvConf;
        }

        // What the user mounted there is the user's, and may be the host's own.
        if (settings.LeavesNetwork || CustomMountSteps.Cover(input, ResolvConfPath))
        {
            return ResolvConfMode.Off;
        }

        return (input.Host.ResolvConf.ContainsKey(ResolvConfSource.Stub), input.ReadOnly) switch
        {
            (true, false) => ResolvConfMode.CopyStub,
            (true, true) => ResolvConfMode.BindStub,
            (false, false) => ResolvConfMode.CopyHost,
            (false, true) => ResolvConfMode.BindHost,
        };
    }

    private static (string Verb, ResolvConfSource Source) Parts(ResolvConfMode mode) => mode switch
    {
        ResolvConfMode.CopyHost => ("copy", ResolvConfSource.Host),
        ResolvConfMode.CopyStatic => ("copy", ResolvConfSource.Static),
        ResolvConfMode.CopyUplink => ("copy", ResolvConfSource.Uplink),
        ResolvConfMode.CopyStub => ("copy", ResolvConfSource.Stub),
        ResolvConfMode.ReplaceHost => ("replace", ResolvConfSource.Host),
        ResolvConfMode.ReplaceStatic => ("replace", ResolvConfSource.Static),
        ResolvConfMode.ReplaceUplink => ("replace", ResolvConfSource.Uplink),
        ResolvConfMode.ReplaceStub => ("replace", ResolvConfSource.Stub),
        ResolvConfMode.BindHost => ("bind", ResolvConfSource.Host),
        ResolvConfMode.BindStatic => ("bind", ResolvConfSource.Static),
        ResolvConfMode.BindUplink => ("bind", ResolvConfSource.Uplink),
        ResolvConfMode.BindStub => ("bind", ResolvConfSource.Stub),
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };

    private static IEnumerable<Step> TimezoneSteps(PlanInput input)
    {
        const string HostPath = LocaltimePath;
        TimezoneMode mode = ResolveTimezone(input);
        string reason = input.Settings.Timezone == TimezoneMode.Auto ? "--timezone=auto: as on the host" : "--timezone=";
        switch (mode)
        {
            case TimezoneMode.Symlink when Localtime.ZoneOf(input.Host.LocaltimeLink) is string zone && input.Tree.HasHostZone:
                string target = $"../usr/share/zoneinfo/{zone}";
                bool linked = input.Tree.Localtime.Kind == TreeFileKind.Symlink;
                if (!linked || Localtime.ZoneOf(input.Tree.Localtime.Text) != zone)
                {
                    yield return new ReplaceSymlink(LocaltimePath, target) { Reason = reason, Optional = true };
                }

                break;
            case TimezoneMode.Symlink or TimezoneMode.Bind when input.Host.LocaltimeExists:
                yield return new BindHost(HostPath, LocaltimePath, Bound, NoFollow: true) { Reason = reason, Optional = true };
                break;
            case TimezoneMode.Copy when input.Host.LocaltimeExists:
                yield return new CopyHostFile(HostPath, LocaltimePath, 0x1a4 /* 0644 */) { Reason = reason, Optional = true };
                break;
            case TimezoneMode.Delete:
                yield return new RemoveFile(LocaltimePath) { Reason = reason, Optional = true };
                break;
        }
    }

    private static TimezoneMode ResolveTimezone(PlanInput input)
    {
        if (input.Settings.Timezone != TimezoneMode.Auto)
        {
            return input.Settings.Timezone;
        }

        if (!input.Host.LocaltimeExists || CustomMountSteps.Cover(input, LocaltimePath))
        {
            return TimezoneMode.Off;
        }

        return input.ReadOnly ? TimezoneMode.Bind
            : input.Host.LocaltimeLink is not null ? TimezoneMode.Symlink
            : TimezoneMode.Copy;
    }
}
