using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Carries out the plan's steps in the tree, in ordinary code, on the launcher's main thread, which has a mount
/// namespace of its own meanwhile (see <see cref="BuilderNamespace"/>). Everything goes through descriptors resolved
/// inside the tree.
/// </summary>
internal sealed partial class TreeBuilder(OpenTree openTree, TreeFacts facts, IReadOnlyDictionary<string, byte[]> credentials)
    : IDisposable
{
    private readonly IdMaps _maps = new();
    private readonly Dictionary<string, SafeFileHandle> _held = [];
    private RootDirectory? _tree;
    private FileSystemIdentity? _identity;

    /// <summary>The container's console: what the supervisor forwards, and what the payload gets.</summary>
    public SafeFileHandle? ConsoleMaster { get; private set; }

    public SafeFileHandle? ConsoleSlave { get; private set; }

    public SafeFileHandle? NotifySocket { get; private set; }

    /// <summary>Keeps /proc/kmsg of the container from ever reaching its end.</summary>
    public SafeFileHandle? HeldFifo { get; private set; }

    private RootDirectory Tree => _tree ?? throw new InvalidOperationException("the first step attaches the tree");

    public void CarryOut(Step step)
    {
        try
        {
            Do(step);
        }
        catch (Exception failure) when (step.Optional && failure is (SyscallException or LaunchException))
        {
            // The plan says that the launch goes on without it.
        }
        catch (SyscallException failure)
        {
            throw StepText.Failed(step, failure.Explained, failure.Errno);
        }
    }

    /// <summary>What is made from here on is root's again.</summary>
    public void ActAsItself()
    {
        _identity?.Dispose();
        _identity = null;
    }

    public void Dispose()
    {
        ActAsItself();
        _maps.Dispose();
        foreach (SafeFileHandle held in _held.Values)
        {
            held.Dispose();
        }

        _tree?.Dispose();
        ConsoleMaster?.Dispose();
        ConsoleSlave?.Dispose();
        NotifySocket?.Dispose();
        HeldFifo?.Dispose();
    }

    private void Do(Step step)
    {
        switch (step)
        {
            case AttachTree attach:
                Attach(attach);
                break;
            case AttachMounts attach:
                AttachDetached(attach);
                break;
            case ActAs act:
                _identity = new FileSystemIdentity(act.Id);
                break;
            case AddLayer layer:
                DoAddLayer(layer);
                break;
            case SetReadOnly:
                Mounts.SetFlags(Tree.Handle, MountFlags.ReadOnly, recursive: true, "the tree");
                break;
            case Mount mount:
                DoMount(mount);
                break;
            case BindHost bind:
                DoBindHost(bind);
                break;
            case Bind bind:
                DoBind(bind.Source, bind.Target, bind.Flags, bind.Recursive);
                break;
            case HoldHostMount hold:
                using (SafeFileHandle source = Descriptors.Open(hold.HostPath, OpenMode.Path | OpenMode.Directory))
                {
                    _held[hold.HostPath] = Mounts.Clone(source, recursive: true, hold.HostPath);
                }

                break;
            case AttachHeld attach:
                using (SafeFileHandle held = _held[attach.HostPath])
                using (SafeFileHandle target = Tree.OpenOrMakeDirectory(attach.Target, DirectoryMode))
                {
                    Mounts.Attach(held, target, attach.Target);
                }

                break;
            case PivotTree pivot:
                DoPivot(pivot);
                break;
            case KeepUsrOnly keep:
                DoKeepUsr(keep);
                break;
            case MountOverlay overlay:
                DoMountOverlay(overlay);
                break;
            case Cover cover:
                DoCover(cover);
                break;
            case Remount remount:
                using (SafeFileHandle target = Tree.Open(remount.Target, OpenMode.Path))
                {
                    Mounts.SetFlags(target, remount.Flags, recursive: false, remount.Target);
                }

                break;
            case SwitchRoot:
                DoSwitchRoot();
                Mounts.SetPropagation(Tree.Handle, Propagation.Shared, recursive: true, "/");
                break;
            case SetSlave slave:
                using (SafeFileHandle mount = Tree.Open(slave.Path, OpenMode.Path))
                {
                    Mounts.SetPropagation(mount, Propagation.Slave, recursive: false, slave.Path);
                }

                break;
            case OpenConsole console:
                ConsoleMaster = Tree.Open(console.Devpts + "/ptmx", OpenMode.ReadWrite);
                ConsoleSlave = PseudoTerminal.Unlock(ConsoleMaster);
                Terminal.Resize(ConsoleMaster, CallerTerminal.Size()); // before the payload can ask
                break;
            case ListenForNotify listen:
                NotifySocket = Listen(listen.Path);
                break;
            case HoldFifo hold:
                HeldFifo = Tree.Open(hold.Path, OpenMode.ReadWrite | OpenMode.NonBlocking);
                break;
            default:
                DoFile(step);
                break;
        }
    }

    private void Attach(AttachTree attach)
    {
        using SafeFileHandle hostRoot = OpenHostRoot();
        using SafeFileHandle place = Descriptors.Open(attach.HostPath, OpenMode.Path | OpenMode.Directory | OpenMode.NoFollow);
        if (!FileStatus.Of(place, attach.HostPath).IsSameFileAs(facts.Root))
        {
            throw new LaunchException($"{attach.HostPath} was replaced while the launch began: start again");
        }

        _tree = new RootDirectory(Attach(place, attach.Map, attach.MapOrChown));
    }

    // On top of the host's root, beside which no directory is needed. This thread's root stays the one beneath, so
    // the host's paths lead where they did, until the root is switched.
    private void AttachDetached(AttachMounts attach)
    {
        using SafeFileHandle root = OpenHostRoot();
        _tree = new RootDirectory(Attach(root, attach.Map, attach.MapOrChown));
    }

    private SafeFileHandle Attach(SafeFileHandle place, IdMapping? map, bool mapOrChown)
    {
        try
        {
            return openTree.Attach(place, map is null ? null : _maps.Of(map), map);
        }
        catch (MappingRefused) when (mapOrChown)
        {
            throw new PlanRefuted(static facts => facts with { TreeRefusesMapping = true });
        }
    }

    private static SafeFileHandle OpenHostRoot()
    {
        SafeFileHandle root = Descriptors.Open("/", OpenMode.Path | OpenMode.Directory);
        // What the host unmounts is let go here too; what is mounted here never reaches the host.
        Mounts.SetPropagation(root, Propagation.Slave, recursive: true, "/");
        return root;
    }

    // From the root of a chroot the payload would climb to what is around it, for that is still in its mount namespace.
    private void DoSwitchRoot()
    {
        using SafeFileHandle mounts = Namespaces.OpenMounts();
        Mounts.SwitchRoot(Tree.Handle, facts.Path);
        Namespaces.EnterMounts(mounts);
        using SafeFileHandle root = Descriptors.Open("/", OpenMode.Path | OpenMode.Directory);
        if (!FileStatus.Of(root, "/").IsSameFileAs(FileStatus.Of(Tree.Handle, "/")))
        {
            throw new LaunchException("cannot start from within a chroot: the payload would find a way out of it");
        }
    }

    // Bound by way of its directory's descriptor: a socket address holds a path, and paths of a tree are not used.
    private SafeFileHandle Listen(string path)
    {
        using SafeFileHandle parent = Tree.OpenParent(path, out string name);
        Processes.SetUmask(0x17f /* 0577: only root may write */);
        try
        {
            return DatagramSocket.Bind(Encoding.UTF8.GetBytes($"/proc/self/fd/{parent.Fd()}/{name}"));
        }
        finally
        {
            Processes.SetUmask(0);
        }
    }
}
