using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Nspawn.Linux;

/// <summary>A small program of the host's that is run to its end, for what it says.</summary>
public static class HostTool
{
    private const int LongestOutput = 64 * 1024; // what a pipe holds

    /// <summary>Runs it.</summary>
    /// <param name="paths">Where it may be: the first that is there is executed, without any environment.</param>
    /// <param name="arguments">From its name on.</param>
    /// <param name="stream">The standard descriptor that is listened to.</param>
    /// <param name="milliseconds">Then it is killed; <see cref="Poll.Forever"/>: never.</param>
    /// <param name="output">What came there.</param>
    /// <exception cref="SyscallException">It cannot be executed.</exception>
    public static ChildEnd Run(IReadOnlyList<string> paths, IReadOnlyList<string> arguments, int stream, int milliseconds, out string output)
    {
        using ChildProgram program = new();
        (SafeFileHandle read, SafeFileHandle write) = Descriptors.Pipe();
        using (read)
        {
            ChildEnd end;
            using (write)
            {
                program.BeginProcess(blocksSignals: false);
                program.ReplaceDescriptor(write, stream);
                program.Execute(paths, [.. paths.Select(_ => arguments)], []);
                using Child child = Child.Start(program, CloneFlags.None, cgroup: null, waitsForExec: true);
                ChildFailure? failure = child.AwaitReport();
                Span<PollEntry> ended = [PollEntry.For(child.Pidfd, PollEvents.Readable)];
                if (failure is null && Poll.Wait(ended, milliseconds) == 0)
                {
                    _ = Pidfd.Send(child.Pidfd, Signal.Kill);
                }

                end = Pidfd.Wait(child.Pidfd);
                if (failure is ChildFailure failed)
                {
                    throw new SyscallException("execve", failed.Errno, arguments[0]);
                }
            }

            output = Encoding.UTF8.GetString(Descriptors.ReadAll(read, LongestOutput, arguments[0]));
            return end;
        }
    }
}
