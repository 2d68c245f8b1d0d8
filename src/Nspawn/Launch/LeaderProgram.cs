using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Compiles the plan's steps for the container's first process into the calls it makes between the clone and the
/// payload. Each step's calls carry its number, so that a failure leads back to it.
/// </summary>
internal sealed class LeaderProgram(
    HostFacts host, ChildProgram program, SafeFileHandle? console, StubInitDisguise? disguise, Gate? gate)
{
    private const int FirstFreeDescriptor = 3;

    private CapabilitySet _available;

    public void Compile(Plan plan)
    {
        ImmutableArray<Step> steps = plan.Leader;
        // A new user namespace gives all of them.
        _available = plan.Namespaces.HasFlag(CloneFlags.NewUser) ? CapabilitySet.All : host.Bounding;
        program.DieWithParent();
        program.BeginProcess(blocksSignals: false);
        program.SetUmask(0x12 /* 0022 */);
        gate?.Await(program);
        for (int i = 0; i < steps.Length; i++)
        {
            program.BeginStep(i);
            Add(steps[i]);
        }
    }

    private void Add(Step step)
    {
        switch (step)
        {
            case BecomeRoot:
                program.BecomeRootOfNamespace();
                break;
            case SetShared set:
                program.SetPropagation(set.Path, Propagation.Shared, recursive: true);
                break;
            case ReplacePin replace:
                program.ReplaceMount(replace.Type, replace.Target, replace.Flags);
                break;
            case EnterCgroupNamespace:
                program.Unshare(CloneFlags.NewCgroup);
                break;
            case Mount mount:
                program.Mount(mount.Type, mount.Target, mount.Flags, mount.Options, mount.Optional);
                break;
            case Bind bind:
                program.Bind(bind.Source, bind.Target, bind.Optional);
                if (bind.Flags != MountFlags.None)
                {
                    // A bind of what is not there has failed before: the flags have nothing to go on.
                    program.Remount(bind.Target, bind.Flags, bind.Optional);
                }

                break;
            case Cover cover:
                // A directory or a file below /proc: the kernel takes the node of the right kind and refuses the other.
                program.Bind("/run/host/inaccessible/dir", cover.Path, optional: true);
                program.Bind("/run/host/inaccessible/reg", cover.Path, optional: true);
                break;
            case Remount remount:
                program.Remount(remount.Target, remount.Flags, remount.Optional);
                break;
            case MakeDirectory make:
                program.MakeDirectory(make.Path, make.Permissions);
                break;
            case Unmount unmount:
                program.Unmount(unmount.Path);
                break;
            case RemoveDirectory remove:
                program.RemoveDirectory(remove.Path);
                break;
            case WriteProc write:
                program.WriteFile(write.Path, write.Value, write.Optional);
                break;
            case BringLoopbackUp:
                program.BringLoopbackUp();
                break;
            case NewSession:
                program.NewSession();
                break;
            case UseConsole use:
                if (use.Path is string path)
                {
                    program.UseTerminal(path);
                }
                else
                {
                    program.UseTerminal(console ?? throw new UnreachableException());
                }

                if (use.Owner != 0)
                {
                    program.OwnTerminal(use.Owner);
                }

                break;
            case SetHostname set:
                program.SetHostname(set.Name);
                break;
            case NewKeyring:
                program.NewSessionKeyring();
                break;
            default:
                AddPrivilege(step);
                break;
        }
    }

    private void AddPrivilege(Step step)
    {
        switch (step)
        {
            case SetPersonality set:
                program.SetPersonality(set.Personality == Personality.X86 ? Personalities.Linux32 : Personalities.Linux);
                break;
            case SetRlimit set:
                program.SetRlimit(set.Resource, set.Limit);
                break;
            case SetAffinity set:
                program.SetAffinity(set.Processors.AsSpan());
                break;
            case SetUser set:
                program.SetUser(set.Uid, set.Gid, set.Groups.AsSpan());
                // Leaving root cleared what is effective; the filter and the bounding set still need it.
                program.SetCapabilities(_available, _available, CapabilitySet.Empty);
                // And the kernel took back what was said of the launcher's death.
                program.DieWithParent();
                break;
            case LoadFilter load:
                program.LoadFilter(SeccompFilter.Compile(load.Retained, load.Allow, load.Deny, load.SuppressSync, out _, load.Families).AsSpan());
                break;
            case SetCapabilities set:
                program.BoundCapabilities(set.Bounding, host.LastCapability);
                program.SetCapabilities(set.Effective, set.Effective, set.Effective);
                program.RaiseAmbient(set.Ambient);
                break;
            case SetNoNewPrivileges:
                program.SetNoNewPrivileges();
                break;
            case ChangeDirectory change:
                program.ChangeDirectory(change.Path, change.Optional);
                break;
            case BecomeStubInit:
                program.BecomeStubInit(disguise ?? throw new UnreachableException());
                break;
            case Execute execute:
                AddExecute(execute);
                break;
            default:
                throw new UnreachableException(step.GetType().Name);
        }
    }

    private void AddExecute(Execute execute)
    {
        if (console is not null)
        {
            program.ControlTerminal();
        }

        program.CloseOnExecFrom(FirstFreeDescriptor + host.ListenFds);
        for (int fd = FirstFreeDescriptor; fd < FirstFreeDescriptor + host.ListenFds; fd++)
        {
            program.KeepOnExec(fd);
        }

        program.Execute(
            [.. execute.Candidates.Select(candidate => candidate.Path)],
            [.. execute.Candidates.Select(candidate => (IReadOnlyList<string>)candidate.Arguments)],
            execute.Environment);
    }
}
