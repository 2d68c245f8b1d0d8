using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>A machine that runs, held so that it stays the one it is: numbers of processes are used again, these descriptors are not.</summary>
/// <param name="run">The name of its run's directory, which no other has.</param>
/// <param name="state">What its launcher wrote down.</param>
/// <param name="leader">Its PID 1.</param>
internal sealed class RunningMachine(string run, MachineState state, SafeFileHandle leader) : IDisposable
{
    private RootDirectory? _root;

    public string Run { get; } = run;

    public MachineState State { get; private set; } = state;

    public SafeFileHandle Leader { get; } = leader;

    public bool IsAlive => Pidfd.IsAlive(Leader);

    /// <summary>What was tried failed because it ends: it cannot be entered any more (ESRCH), nobody can be born there (ENOMEM).</summary>
    public bool IsGoneBy(Errno errno) => errno is Errno.ESRCH or Errno.ENOMEM || !IsAlive;

    /// <summary>Waits so long for its end.</summary>
    public bool EndsWithin(int milliseconds)
    {
        Span<PollEntry> wait = [PollEntry.For(Leader, PollEvents.Readable)];
        return Poll.Wait(wait, milliseconds) > 0;
    }

    public string StateFile => $"{RunPaths.Top}/{Run}/{RunPaths.State}";

    /// <summary>The root that its PID 1 has now. The tree is hostile, as ever.</summary>
    /// <exception cref="LaunchException">It has ended.</exception>
    public RootDirectory Root => _root ??= OpenRoot();

    /// <summary>Reads again what its launcher says of it.</summary>
    public void Refresh() => State = RunningMachines.ReadState(Run) ?? State with { SaidStopping = true };

    public LaunchException Ended() => new($"machine {State.Machine} has ended");

    public void Dispose()
    {
        _root?.Dispose();
        Leader.Dispose();
    }

    private RootDirectory OpenRoot()
    {
        SafeFileHandle? root = Descriptors.TryOpen($"/proc/{State.Leader.Pid}/root", OpenMode.Path | OpenMode.Directory, out _);
        // Alive now, it was alive then: the number was its own.
        return root is not null && IsAlive ? new RootDirectory(root) : throw Ended();
    }
}
