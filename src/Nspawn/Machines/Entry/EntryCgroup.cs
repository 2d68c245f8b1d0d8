using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// The group of all who entered a machine: a leaf below the container's own, whose limits and device policy hold there too.
/// Not that one itself, for an init that divides it may have no processes in it; nor the init's, which it counts as its own.
/// </summary>
internal sealed class EntryCgroup : IDisposable
{
    private const int MostAttempts = 100;

    private readonly string _path;
    private readonly SafeFileHandle? _container;

    /// <param name="container">The container's group, below the hierarchy's root; empty: it has none of its own.</param>
    public EntryCgroup(string container)
    {
        _path = $"{container}/{RunPaths.EntryCgroup}";
        if (container.Length == 0)
        {
            return;
        }

        using SafeFileHandle root = PayloadCgroup.OpenHierarchy();
        _container = Cgroups.Open(root, "." + container, OpenMode.Path | OpenMode.Directory);
    }

    /// <summary>Clones a child into the group.</summary>
    public Child Start(ChildProgram program)
    {
        if (_container is null)
        {
            return Child.Start(program, CloneFlags.None, cgroup: null, waitsForExec: true);
        }

        for (int attempt = 1; ; attempt++)
        {
            _ = FileSystems.MakeDirectory(_container, RunPaths.EntryCgroup, 0x1ed /* 0755 */, _path);
            using SafeFileHandle? group = Descriptors.TryOpenAt(
                _container, RunPaths.EntryCgroup, OpenMode.Read | OpenMode.Directory, out Errno errno);
            try
            {
                return group is null
                    ? throw new SyscallException("openat", errno, _path)
                    : Child.Start(program, CloneFlags.None, group, waitsForExec: true);
            }
            catch (SyscallException failure) when (failure.Errno is Errno.ENOENT or Errno.ENODEV && attempt < MostAttempts)
            {
                // The last one who was in there has just left, and removed it.
            }
            catch (SyscallException failure) when (failure.Errno == Errno.EACCES && (Processes.EffectiveUid != 0 || Rootless.IsSo))
            {
                // From a group that is not the user's to leave: the command stays in it.
                return Child.Start(program, CloneFlags.None, cgroup: null, waitsForExec: true);
            }
        }
    }

    /// <summary>Removes the group, if nobody else is in it; the rest goes with the machine.</summary>
    public void Dispose()
    {
        if (_container is null)
        {
            return;
        }

        try
        {
            _ = FileSystems.Unlink(_container, RunPaths.EntryCgroup, directory: true, _path);
        }
        catch (SyscallException)
        {
            // Others are in it, or what was started there stays.
        }

        _container.Dispose();
    }
}
