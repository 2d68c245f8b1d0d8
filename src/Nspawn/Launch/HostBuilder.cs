using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>Carries out the plan's steps on the host; each is in the undo journal before it is done.</summary>
internal sealed class HostBuilder(UndoJournal undo) : IDisposable
{
    private readonly List<SafeFileHandle> _locks = [];

    public PayloadCgroup? Cgroup { get; private set; }

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
            throw new LaunchException($"{StepText.Of(step)}: {failure.Message}{StepText.Remedy(step, failure.Errno)}");
        }
    }

    public void Dispose()
    {
        Cgroup?.Dispose();
        _locks.ForEach(one => one.Dispose());
    }

    private void Do(Step step)
    {
        switch (step)
        {
            case MakeCgroup make:
                Cgroup = Create(make);
                break;
            case MakeSupervisorGroup make:
                PayloadCgroup.MoveLauncher(make.Unit, Environment.ProcessId, undo.JanitorPid);
                break;
            case LimitCgroup limit:
                Cgroup!.Limit(limit.File, limit.Value);
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
            default:
                throw new UnreachableException(step.GetType().Name);
        }
    }

    private PayloadCgroup Create(MakeCgroup make)
    {
        if (make.Parent is not string unit)
        {
            return PayloadCgroup.Create(CgroupReader.OwnGroup(), make.Name, make.Devices, undo);
        }

        try
        {
            return PayloadCgroup.Create(unit, make.Name, make.Devices, undo, shared: true);
        }
        catch (SyscallException failure) when (failure.Errno == Errno.EEXIST)
        {
            // Another container of the same unit has it.
            return PayloadCgroup.Create(unit, $"{make.Name}-{Environment.ProcessId}", make.Devices, undo, shared: true);
        }
    }

    private void Make(MakeHostDirectory make)
    {
        using RootDirectory root = new(Descriptors.Open("/", OpenMode.Path | OpenMode.Directory));
        (string above, string name) = RootDirectory.Split(make.Path);
        using SafeFileHandle parent = root.OpenOrMakeDirectory(above, 0x1ed /* 0755 */);
        undo.Record(new UndoStep.RemoveDirectory(make.Path));
        _ = FileSystems.MakeDirectory(parent, name, make.Permissions, make.Path);
        if (make.Locked)
        {
            Lock(make.Path, name);
        }
    }

    private void Lock(string path, string machine)
    {
        SafeFileHandle directory = Descriptors.Open(path, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow);
        _locks.Add(directory);
        if (!Descriptors.TryLock(directory))
        {
            throw new LaunchException(
                $"another machine of the name {machine} is being started; give this one another name with --machine=");
        }

        // The name is ours: what is mounted there belongs to nobody any more, its launcher and its janitor were killed.
        foreach (string name in DirectoryListing.Of(directory, path, directoriesOnly: true))
        {
            while (Mounts.Unmount($"{path}/{name}"))
            {
            }
        }
    }
}
