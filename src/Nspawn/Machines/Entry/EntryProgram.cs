using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>What a process does on its way into a machine; each is a step that can fail.</summary>
internal enum EntryStep
{
    Prepare,
    SetLimits,
    EnterNamespaces,
    UseStreams,
    BecomeUser,
    LoadFilter,
    DropCapabilities,
    AppearInside,
    ChangeDirectory,
    Execute,
    Connect,
}

/// <summary>
/// The calls that lead a child of the launcher's into a machine. Until it has no more rights than the machine's payload it
/// stays where nobody in the machine can see it; see <see cref="ChildProgram.GoOnInSibling"/>.
/// </summary>
/// <param name="program">The calls are added here.</param>
/// <param name="machine">The machine.</param>
internal sealed class EntryProgram(ChildProgram program, RunningMachine machine)
{
    private static readonly (CloneFlags Flag, string Name)[] s_namespaces =
    [
        (CloneFlags.NewMount, "mnt"), (CloneFlags.NewPid, "pid"), (CloneFlags.NewUts, "uts"), (CloneFlags.NewIpc, "ipc"),
        (CloneFlags.NewNet, "net"), (CloneFlags.NewCgroup, "cgroup"), (CloneFlags.NewUser, "user"),
    ];

    /// <summary>The way in.</summary>
    /// <param name="user">Who it becomes.</param>
    /// <param name="streams">Its standard input, output and error; null for one that stays the caller's.</param>
    /// <param name="isTerminal">They are a terminal of the machine's.</param>
    public void Enter(TreeUser user, ReadOnlySpan<SafeFileHandle?> streams, bool isTerminal)
    {
        Confinement confinement = machine.State.Confinement;
        CapabilitySet own = Processes.Bounding(out int lastCapability);
        CapabilitySet retained = confinement.Bounding.Intersect(own);
        Begin(EntryStep.Prepare);
        program.DieWithParent();
        program.BeginProcess(blocksSignals: false);
        program.HideMemory();
        program.SetUmask(0x12 /* 0022 */);
        program.NewSessionKeyring();
        Begin(EntryStep.SetLimits);
        AddLimits(confinement, own);
        Begin(EntryStep.EnterNamespaces);
        program.EnterNamespaces(machine.Leader, Namespaces());
        program.EnterRoot(machine.Root.Handle);
        Begin(EntryStep.UseStreams);
        AddStreams(streams);
        if (isTerminal && user.Uid != 0)
        {
            program.OwnTerminal(user.Uid);
        }

        Begin(EntryStep.BecomeUser);
        program.SetUser(user.Uid, user.Gid, user.Groups.AsSpan());
        program.SetCapabilities(own, own, CapabilitySet.Empty); // the user's change cleared what is effective
        Begin(EntryStep.LoadFilter);
        program.LoadFilter(SeccompFilter.Compile(
            confinement.Bounding, confinement.AllowSystemCalls, confinement.DenySystemCalls, confinement.SuppressSync, out _, confinement.Families).AsSpan());
        Begin(EntryStep.DropCapabilities);
        AddCapabilities(retained, lastCapability, user);
        Begin(EntryStep.AppearInside);
        program.HideMemory();
        program.GoOnInSibling();
        program.DieWithParent();
        program.NewSession();
    }

    /// <summary>What it becomes there.</summary>
    public void Execute(EntryCommand command, bool isTerminal)
    {
        Begin(EntryStep.ChangeDirectory);
        program.ChangeDirectory(command.Directory, command.DirectoryIsOptional);
        Begin(EntryStep.Execute);
        if (isTerminal)
        {
            program.ControlTerminal();
        }

        program.Execute(
            [.. command.Candidates.Select(one => one.Path)], [.. command.Candidates.Select(one => (IReadOnlyList<string>)one.Arguments)], command.Environment);
    }

    /// <summary>Connects the socket that is its standard input, and ends.</summary>
    public void Connect(string path)
    {
        Begin(EntryStep.Connect);
        program.ConnectInput(path);
        program.End();
    }

    private void Begin(EntryStep step) => program.BeginStep((int)step);

    // The machine's limits, as far as they can be had: without CAP_SYS_RESOURCE no hard limit can be raised.
    private void AddLimits(Confinement confinement, CapabilitySet own)
    {
        for (int resource = 0; resource < Math.Min(confinement.Limits.Length, Limits.Count); resource++)
        {
            Rlimit wanted = confinement.Limits[resource], current = Limits.Of(0, (RlimitResource)resource);
            bool raises = Processes.EffectiveUid == 0 && IdReader.OwnIds is null && own.Contains(Capability.SysResource);
            ulong hard = raises ? wanted.Hard : Math.Min(wanted.Hard, current.Hard);
            Rlimit attainable = new(Math.Min(wanted.Soft, hard), hard);
            if (attainable != current)
            {
                program.SetRlimit((RlimitResource)resource, attainable);
            }
        }

        if (confinement.Personality != Personality.Default)
        {
            program.SetPersonality(confinement.Personality == Personality.X86 ? Personalities.Linux32 : Personalities.Linux);
        }

        if (!confinement.Affinity.IsEmpty)
        {
            program.SetAffinity(confinement.Affinity.AsSpan());
        }
    }

    // The kernel refuses to enter the namespace of users that one is in.
    private CloneFlags Namespaces()
    {
        CloneFlags flags = CloneFlags.None;
        foreach ((CloneFlags flag, string name) in s_namespaces)
        {
            string? theirs = Links.Read($"/proc/{machine.State.Leader.Pid}/ns/{name}");
            flags |= theirs is not null && theirs != Links.Read($"/proc/self/ns/{name}") ? flag : CloneFlags.None;
        }

        return machine.IsAlive ? flags : throw machine.Ended();
    }

    private void AddStreams(ReadOnlySpan<SafeFileHandle?> streams)
    {
        for (int fd = 0; fd < streams.Length; fd++)
        {
            if (streams[fd] is SafeFileHandle handle)
            {
                program.ReplaceDescriptor(handle, fd);
            }
        }
    }

    private void AddCapabilities(CapabilitySet retained, int lastCapability, TreeUser user)
    {
        CapabilitySet effective = user.Uid == 0 ? retained : CapabilitySet.Empty;
        program.BoundCapabilities(retained, lastCapability);
        program.SetCapabilities(effective, effective, effective);
        if (machine.State.Confinement.NoNewPrivileges)
        {
            program.SetNoNewPrivileges();
        }
    }
}
