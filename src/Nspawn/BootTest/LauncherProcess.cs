using System.Collections.Immutable;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The launcher of the machine under test: this program once more, in a session of its own so that keys typed on the terminal
/// reach the test alone. It dies with the test, and its janitor cleans up then.
/// </summary>
internal sealed class LauncherProcess : IDisposable
{
    private const string OwnProgram = "/proc/self/exe";

    private readonly Child _child;
    private ChildEnd? _end;

    private LauncherProcess(Child child) => _child = child;

    public int Pid => _child.Pid;

    public PollEntry Entry => _end is null ? PollEntry.For(_child.Pidfd, PollEvents.Readable) : PollEntry.Idle;

    public bool HasEnded => _end is not null || !Pidfd.IsAlive(_child.Pidfd);

    /// <param name="arguments">Options of the launch.</param>
    /// <param name="environment">All of it.</param>
    /// <param name="output">Takes the machine's console.</param>
    /// <param name="errors">Takes what the launcher itself says.</param>
    public static LauncherProcess Start(
        ImmutableArray<string> arguments, IReadOnlyList<string> environment, MemoryFile output, MemoryFile errors)
    {
        using ChildProgram program = new();
        using var nothing = Descriptors.Open("/dev/null", OpenMode.ReadWrite);
        program.DieWithParent();
        program.BeginProcess(blocksSignals: false);
        program.NewSession();
        program.ReplaceDescriptor(nothing, StandardDescriptors.Input);
        program.ReplaceDescriptor(output.Handle, StandardDescriptors.Output);
        program.ReplaceDescriptor(errors.Handle, StandardDescriptors.Error);
        program.Execute([OwnProgram], [["nspawn", .. arguments]], environment);
        Child child = Child.Start(program, CloneFlags.None, cgroup: null, waitsForExec: true);
        if (child.AwaitReport() is not ChildFailure failure)
        {
            return new LauncherProcess(child);
        }

        _ = Pidfd.Wait(child.Pidfd);
        child.Dispose();
        throw new LaunchException($"cannot start the launcher: {ErrnoText.Of(failure.Errno)}");
    }

    /// <summary>How it ended; waits for it.</summary>
    public ChildEnd End() => _end ??= Pidfd.Wait(_child.Pidfd);

    /// <summary>Whether it ends within so many milliseconds.</summary>
    public bool EndsWithin(long milliseconds)
    {
        long deadline = Environment.TickCount64 + milliseconds;
        while (!HasEnded)
        {
            Span<PollEntry> wait = [Entry];
            long left = deadline - Environment.TickCount64;
            if (left <= 0)
            {
                return false;
            }

            _ = Poll.Wait(wait, (int)Math.Min(left, int.MaxValue));
        }

        return true;
    }

    public void Signal(int signal) => _ = _end is null && Pidfd.Send(_child.Pidfd, signal);

    public void Dispose()
    {
        if (_end is null)
        {
            Signal(Linux.Signal.Kill);
            _ = End();
        }

        _child.Dispose();
    }
}
