using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>Carries out the plan's steps on the host; each is in the undo journal before it is done.</summary>
internal sealed class HostBuilder(UndoJournal undo) : IDisposable
{
    public PayloadCgroup? Cgroup { get; private set; }

    /// <summary>Where the guest is too old for cgroup2.</summary>
    public LegacyCgroup? LegacyCgroup { get; private set; }

    public void CarryOut(Step step)
    {
        try
        {
            Do(step);
        }
        catch (SyscallException failure)
        {
            throw new LaunchException($"{StepText.Of(step)}: {failure.Message}{StepText.Remedy(step, failure.Errno)}");
        }
    }

    public void Dispose()
    {
        Cgroup?.Dispose();
        LegacyCgroup?.Dispose();
    }

    private void Do(Step step)
    {
        switch (step)
        {
            case MakeCgroup make:
                Cgroup = PayloadCgroup.Create(make, undo);
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
            default:
                throw new UnreachableException(step.GetType().Name);
        }
    }

    private void Make(MakeHostDirectory make)
    {
        using RootDirectory root = new(Descriptors.Open("/", OpenMode.Path | OpenMode.Directory));
        (string above, string name) = RootDirectory.Split(make.Path);
        using SafeFileHandle parent = root.OpenOrMakeDirectory(above, 0x1ed /* 0755 */);
        undo.Record(new UndoStep.RemoveDirectory(make.Path));
        _ = FileSystems.MakeDirectory(parent, name, make.Permissions, make.Path);
    }
}
