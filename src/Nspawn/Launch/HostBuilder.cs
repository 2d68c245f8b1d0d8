using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>Carries out the plan's steps on the host; each is in the undo journal before it is done.</summary>
internal sealed class HostBuilder(UndoJournal undo, Holdings holdings, OpenTree tree, Supervisor supervisor) : IDisposable
{
    private SafeFileHandle? _claim;

    /// <summary>What is told about the machine while it runs.</summary>
    public StateFile? State { get; private set; }

    public PayloadCgroup? Cgroup { get; private set; }

    /// <summary>Where the container joins a network that is there already.</summary>
    public JoinedNetwork? JoinedNetwork { get; private set; }

    /// <summary>Where the guest is too old for cgroup2.</summary>
    public LegacyCgroup? LegacyCgroup { get; private set; }

    public void CarryOut(Step step)
    {
        try
        {
            Do(step);
        }
        catch (SyscallException) when (step.Optional)
        {
            // The plan says that the launch goes on without it.
        }
        catch (SyscallException failure)
        {
            throw StepText.Failed(step, failure.Message, failure.Errno);
        }
    }

    public void Dispose()
    {
        Cgroup?.Dispose();
        LegacyCgroup?.Dispose();
        JoinedNetwork?.Dispose();
        State?.Dispose();
        _claim?.Dispose();
    }

    private void Do(Step step)
    {
        switch (step)
        {
            case LockTree take:
                holdings.Tree.Take(take, undo);
                break;
            case LockUidRange take:
                holdings.Range.Take(take, undo);
                break;
            case HoldManagedRange hold:
                holdings.Managed.Take(hold);
                break;
            case ChownTree chown:
                new TreeChown(tree.Root.Handle, chown, supervisor).Run();
                break;
            case MakeScratch make:
                holdings.Scratch.Make(make, undo);
                break;
            case SnapshotTree snapshot:
                holdings.Snapshot.Take(snapshot, tree, undo);
                break;
            case MakeWorkDirectory make:
                Make(make);
                break;
            case HoldHostDirectory hold:
                _claim = RunClaim.TakePatiently(hold.Path, 0x1ed /* 0755 */);
                break;
            case RecordMachine record:
                undo.Record(new UndoStep.RemoveFile(record.HostPath));
                State = new StateFile(record.HostPath);
                break;
            case MakeCgroup make:
                Cgroup = Create(make);
                break;
            case MakeSupervisorGroup make:
                PayloadCgroup.MoveLauncher(make.Unit, Environment.ProcessId, undo.JanitorPid);
                break;
            case LimitCgroup limit:
                Cgroup!.Limit(limit.File, limit.Value);
                break;
            case MakeLegacyCgroup make:
                LegacyCgroup = LegacyCgroup.Create(make, undo);
                break;
            case MakeHostDirectory make:
                Make(make);
                break;
            case MountHostTmpfs mount:
                undo.Record(new UndoStep.Unmount(mount.Path));
                using (SafeFileHandle filesystem = Mounts.Create("tmpfs", mount.Options, mount.Flags))
                using (SafeFileHandle target = Descriptors.Open(mount.Path, OpenMode.Path | OpenMode.Directory | OpenMode.NoFollow))
                {
                    Mounts.Attach(filesystem, target, mount.Path);
                }

                break;
            case JoinNetwork join:
                JoinedNetwork = new JoinedNetwork(join.HostPath);
                break;
            case MakeJournalDirectory make:
                Make(make);
                break;
            case LinkJournal link:
                Link(link);
                break;
            default:
                throw new UnreachableException(step.GetType().Name);
        }
    }

    private PayloadCgroup Create(MakeCgroup make)
    {
        if (make.Parent is not string unit)
        {
            return PayloadCgroup.Create(CgroupReader.OwnGroup(), make.Name, make.Devices, make.Owner, undo);
        }

        try
        {
            return PayloadCgroup.Create(unit, make.Name, make.Devices, make.Owner, undo, shared: true);
        }
        catch (SyscallException failure) when (failure.Errno == Errno.EEXIST)
        {
            // Another container of the same unit has it.
            return PayloadCgroup.Create(unit, $"{make.Name}-{Environment.ProcessId}", make.Devices, make.Owner, undo, shared: true);
        }
    }

    private void Make(MakeHostDirectory make)
    {
        undo.Record(new UndoStep.RemoveDirectory(make.Path));
        if (make.Locked)
        {
            Claim(make);
            return;
        }

        using RootDirectory root = new(Descriptors.Open("/", OpenMode.Path | OpenMode.Directory));
        (string above, string name) = RootDirectory.Split(make.Path);
        using SafeFileHandle parent = root.OpenOrMakeDirectory(above, 0x1ed /* 0755 */);
        _ = FileSystems.MakeDirectory(parent, name, make.Permissions, make.Path);
        if (make.Owner != 0)
        {
            using SafeFileHandle made = Descriptors.Open(make.Path, OpenMode.Path | OpenMode.Directory | OpenMode.NoFollow);
            FileSystems.Own(made, make.Owner, make.Path);
        }
    }

    private void Claim(MakeHostDirectory make)
    {
        _claim = RunClaim.TakePatiently(make.Path, make.Permissions);
        if (_claim is null)
        {
            string machine = RootDirectory.Split(make.Path).Name;
            throw new LaunchException(
                $"another machine of the name {machine} is being started; give this one another name with --machine=");
        }

        // The name is ours: what is mounted there belongs to nobody any more, its launcher and its janitor were killed.
        foreach (string name in DirectoryListing.Of(_claim, make.Path, directoriesOnly: true))
        {
            while (Mounts.Unmount($"{make.Path}/{name}"))
            {
            }
        }
    }

    private void Make(MakeWorkDirectory make)
    {
        if ((make.HostTree + make.Path).AsSpan().ContainsAny('\n', '\t'))
        {
            throw new LaunchException($"{StepText.Of(make)}: a tab or a line break is in its path");
        }

        undo.Record(make.HostTree is string tree ? new UndoStep.RemoveInTree(tree, make.Path) : new UndoStep.RemoveTree(make.Path));
        using RootDirectory root = new(Descriptors.Open(make.HostTree ?? "/", OpenMode.Path | OpenMode.Directory | OpenMode.NoFollow));
        using SafeFileHandle parent = root.OpenParent(make.Path, out string name);
        _ = FileSystems.MakeDirectory(parent, name, 0x1c0 /* 0700 */, make.Path);
    }

    // Not their parents: a host without them keeps no journal on disk, and shall not begin to.
    private static void Make(MakeJournalDirectory make)
    {
        using SafeFileHandle parent = OpenParent(make.Path, out string name);
        if (make.ReplacesLink)
        {
            _ = FileSystems.Unlink(parent, name, directory: false, make.Path);
        }

        _ = FileSystems.MakeDirectory(parent, name, 0x1ed /* 0755 */, make.Path);
    }

    private static void Link(LinkJournal link)
    {
        using SafeFileHandle parent = OpenParent(link.Path, out string name);
        if (link.ReplacesDirectory)
        {
            _ = FileSystems.Unlink(parent, name, directory: true, link.Path); // only when it is empty
        }

        FileSystems.ReplaceWithSymlink(parent, name, link.Target, link.Path);
    }

    private static SafeFileHandle OpenParent(string path, out string name)
    {
        (string parent, name) = RootDirectory.Split(path);
        return Descriptors.Open(parent, OpenMode.Path | OpenMode.Directory);
    }
}
