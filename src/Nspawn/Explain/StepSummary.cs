using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>A step in one line, for people.</summary>
internal static class StepSummary
{
    public static string Of(Step step) => step switch
    {
        LockTree s => $"lock {s.HostPath} for {(s.Shared ? "reading" : "writing")} by {(s.LocalFile is null ? "" : s.LocalFile + " and ")}{s.GlobalFile}",
        HoldManagedRange { Given: IdRange given } s => $"hold the user ids {given} by {s.Name}",
        HoldManagedRange s => $"ask systemd-nsresourced for {IdRange.WholeCount} user ids, for {s.Name}; what follows names others in their place",
        LockUidRange s => $"lock the user ids from {s.Base} on by {s.File}",
        ChownTree s => $"give the files of {s.HostPath} to the user ids from {s.Base} on",
        ActAs s => $"make files for the user id {s.Id} of the host from here on",
        WriteIdMap s => $"map the container's user ids: {string.Join(", ", s.Map.Uids.Select(one => $"{one.Count} from {one.Inside} on to {one.Outside} on"))}",
        HoldHostDirectory s => $"hold a lock on {s.Path} of the host",
        RecordMachine s => $"record the machine in {s.HostPath} of the host",
        MakeJournalDirectory s => $"make the directory {s.Path} on the host, for good",
        LinkJournal s => $"link {s.Path} of the host to {s.Target}, for good",
        MakeLegacyCgroup s => $"make the cgroup {s.Name} in name=systemd of version 1",
        MakeCgroup s => $"make the cgroup {(s.Parent is null ? "" : s.Parent + "/")}{s.Name}, {s.Devices.Length} device rules",
        MakeSupervisorGroup s => $"move the launcher to the cgroup {s.Unit}/supervisor",
        LimitCgroup s => $"write {s.Value} to {s.File} of the cgroup",
        JoinNetwork s => $"join the network namespace {s.HostPath}",
        KeepNetworkLedger s => $"write what is done to the host's network to {s.Directory}/{s.Name}",
        MakeVeth s => $"make the link {s.HostName}{(s.AltName is null ? "" : $" ({s.AltName})")}, {s.HostAddress ?? "any address"}, to {s.Name}, {s.Address ?? "any address"}, inside"
            + (s.Bridge is null ? "" : $", a port of {(s.IsZone ? "the zone's " : "")}{s.Bridge}"),
        MakeMacvlan s => $"make the macvlan interface {s.Name}, {s.Address ?? "any address"}, on {s.Parent}",
        MakeIpvlan s => $"make the ipvlan interface {s.Name} on {s.Parent}",
        MoveInterface s => $"move the interface {s.HostName} to the container, as {s.Name}; hold its network at {s.Pin}",
        ServeLink s => $"give {s.Bridge ?? s.Link} an address; hand out others by DHCP and router advertisements on {s.Link}; name servers {(s.NameServers.IsEmpty ? "none" : string.Join(' ', s.NameServers))}",
        ForwardPorts s => $"forward {string.Join(' ', s.Ports)}{(s.Forwards ? ", and what comes from other hosts" : "")}",
        MakeHostDirectory s => $"make the directory {s.Path} on the host, mode {Octal(s.Permissions)}",
        MountHostTmpfs s => $"mount a tmpfs on {s.Path} of the host{Flags(s.Flags)} {s.Options}",
        AttachMounts s => $"attach the mounts of {s.Source} as the root{string.Concat((s.Parts ?? []).Select(Part))}{Map(s.Map)}",
        AttachTree s => $"attach {s.HostPath} as the root{Map(s.Map)}",
        AddLayer s => $"put a layer {(s.HostPath is null ? "in memory" : "in " + s.HostPath)} on the tree, for what is written; {s.Options}",
        SnapshotTree s => $"make the snapshot {s.Path} of the tree, and use it",
        MakeScratch s => $"make the directory {s.Path} on the host, for {string.Join(", ", s.Directories)}",
        SetReadOnly => "make the tree read-only",
        MakeDirectory s => $"make the directory {s.Path}, mode {Octal(s.Permissions)}",
        MakeSymlink s => $"link {s.Path} to {s.Target}",
        MakeNode s => $"make the {NodeName(s)} {s.Path}, mode {Octal(s.Permissions)}",
        WriteFile s => $"write {s.Path}, mode {Octal(s.Permissions)}",
        WriteBootId s => $"write a new boot id to {s.Path}",
        WriteCredential s => $"write the credential {s.Path}, mode {Octal(s.Permissions)}",
        WriteUserPassword s => $"write the hash of {s.User}'s password to {s.Path}, mode 0400",
        ReplaceFile s => $"replace {s.Path}",
        ReplaceSymlink s => $"replace {s.Path} by a link to {s.Target}",
        CopyHostFile s => $"copy {s.HostPath} of the host to {s.Path}",
        RemoveFile s => $"remove {s.Path}",
        Mount s => $"mount {s.Type} on {s.Target}{Flags(s.Flags)} {s.Options}".TrimEnd(),
        BindHost s => $"bind {s.HostPath} of the host on {s.Target}{Flags(s.Flags)}{Map(s.Map)}",
        Bind s when s.Source == s.Target => $"bind {s.Source} on itself{Flags(s.Flags)}",
        Bind s => $"bind {s.Source} on {s.Target}{Flags(s.Flags)}",
        HoldHostMount s => $"hold a copy of the mounts from {s.HostPath} of the host on",
        AttachHeld s => $"put the copy of {s.HostPath} of the host on {s.Target}, for as long as it takes",
        PivotTree s => $"make {s.New} of the tree the root{(s.Old is null ? "" : $", with the tree at {s.Old} of it")}",
        KeepUsrOnly s => $"make a tmpfs the root, with /usr of the tree, read-only; {s.Options}",
        MountOverlay s => $"mount an overlay on {s.Target}: {string.Join(", ", s.Lowers.Select(Place))}{(s.Upper is null ? ", read-only" : ", written to " + Place(s.Upper))}",
        MakeWorkDirectory s => $"make the directory {s.Path} {(s.HostTree is null ? "on the host" : "in the tree")}, for an overlay",
        Remount s => $"remount {s.Target}{Flags(s.Flags)}",
        Cover s => $"cover {s.Path} with a node nobody may open",
        SwitchRoot => "change the root to the tree, let go of the host's mounts",
        SetSlave s => $"make {s.Path} a slave mount",
        ListenForNotify s => $"listen on {s.Path}",
        OpenConsole s => $"open a pseudo terminal of {s.Devpts}",
        HoldFifo s => $"hold {s.Path} open",
        MakeScope s => $"start the unit {s.Unit} with {string.Join(' ', s.Properties.Select(one => $"{one.Name}={Value(one.Value)}"))}",
        MakePayloadGroup s => $"make the cgroup payload in the scope's, {s.Devices.Length} device rules, and move the leader there",
        RegisterMachine s => $"register the machine {s.Machine}, {s.Id:N}, with machined ({s.Door})",
        _ => OfLeader(step),
    };

    private static string Value(UnitValue value) => value switch
    {
        UnitValue.Text v => v.Value,
        UnitValue.Flag v => v.Value ? "yes" : "no",
        UnitValue.Signed v => $"{v.Value}",
        UnitValue.Scale v => $"{v.Value}",
        UnitValue.Number v => v.Value == ulong.MaxValue ? "infinity" : $"{v.Value}",
        UnitValue.Bytes v => Convert.ToHexString(v.Value.AsSpan()),
        UnitValue.Texts v => string.Join(',', v.Value),
        UnitValue.Devices v => string.Join(',', v.Value.Select(one => $"{one.Device}:{one.Access}")),
        UnitValue.DeviceLimits v => string.Join(',', v.Value.Select(one => $"{one.Device}:{one.Number}")),
        _ => value.ToString(),
    };

    private static string OfLeader(Step step) => step switch
    {
        BecomeRoot => "become uid 0 of the container's user namespace",
        SetShared s => $"make the mounts from {s.Path} on shared",
        ReplacePin s => $"mount {s.Type} on {s.Target} in the place of the host's{Flags(s.Flags)}",
        EnterCgroupNamespace => "enter a cgroup namespace",
        Unmount s => $"unmount {s.Path}",
        RemoveDirectory s => $"remove the directory {s.Path}",
        WriteProc s => $"write {s.Value} to {s.Path}",
        BringLoopbackUp => "bring the loopback interface up",
        SetHostname s => $"set the host name {s.Name}",
        NewSession => "start a session",
        UseConsole => "use the console as standard input, output and error",
        SetPersonality s => $"set the personality {s.Personality}",
        SetRlimit s => $"limit {s.Resource.ToString().ToUpperInvariant()} to {Limit(s.Limit.Soft)}:{Limit(s.Limit.Hard)}",
        SetAffinity s => $"run on the processors {string.Join(',', s.Processors)}",
        NewKeyring => "join a new session keyring",
        BecomeStubInit => "fork: PID 1 stays as the stub init, PID 2 goes on",
        LoadFilter => "load the system call filter",
        SetUser s => $"become uid {s.Uid}, gid {s.Gid}",
        SetCapabilities s => $"keep the capabilities {s.Bounding}",
        SetNoNewPrivileges => "gain no new privileges, ever",
        ChangeDirectory s => $"change to the directory {s.Path}",
        Execute s => $"execute {string.Join(", or ", s.Candidates.Select(one => one.Path))}\n        with {string.Join(' ', s.Environment)}",
        _ => step.GetType().Name,
    };

    private static string Part(ImageMount part) =>
        $"\n        {part.Target}: {part.Type}{(part.Encrypted ? " in LUKS" : "")} ({part.Flags}) {part.Options}; {part.Size / 1024} KiB at {part.Offset / 1024} KiB; {part.Reason}";

    private static string Place(MountSource source) => source.InTree ? source.Path : source.Path + " of the host";

    private static string Octal(uint mode) => "0" + Convert.ToString(mode, 8);

    private static string Flags(MountFlags flags) => flags == MountFlags.None ? "" : $" ({flags})";

    private static string Map(IdMapping? map) =>
        map is { Uids: [var one, ..] } ? $", owner {one.Inside} as {one.Outside}, and so on for {one.Count}" : "";

    private static string Limit(ulong value) => value == Rlimit.Infinity ? "infinity" : value.ToString();

    private static string NodeName(MakeNode node) => node.Type switch
    {
        FileType.CharacterDevice => $"character device {node.Major}:{node.Minor}",
        FileType.BlockDevice => $"block device {node.Major}:{node.Minor}",
        FileType.Fifo => "FIFO",
        FileType.Socket => "socket",
        _ => "file",
    };
}
