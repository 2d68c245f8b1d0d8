using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Nspawn.Linux;

/// <summary>
/// What the host's name service knows beyond its files: users of a directory, or of systemd-userdbd. getent(1) asks, so that
/// no module of the service is loaded here, and none holds the caller up.
/// </summary>
public static class NameService
{
    private const int Milliseconds = 5000;
    private const int LongestAnswer = 64 * 1024;
    private static readonly string[] s_paths = ["/usr/bin/getent", "/bin/getent"];

    /// <summary>The entry, a line in the form of the database's file; null: there is none, or no answer in five seconds.</summary>
    /// <param name="database">passwd, group or shadow.</param>
    /// <param name="key">The name or the number.</param>
    public static string? Ask(string database, string key)
    {
        using ChildProgram program = new();
        (SafeFileHandle read, SafeFileHandle write) = Descriptors.Pipe();
        using (read)
        {
            ChildEnd end;
            using (write)
            {
                program.BeginProcess(blocksSignals: false);
                program.ReplaceDescriptor(write, StandardDescriptors.Output);
                program.Execute(s_paths, [.. s_paths.Select(_ => (IReadOnlyList<string>)["getent", "--", database, key])], []);
                using Child child = Child.Start(program, CloneFlags.None, cgroup: null, waitsForExec: true);
                bool started = child.AwaitReport() is null;
                Span<PollEntry> ended = [PollEntry.For(child.Pidfd, PollEvents.Readable)];
                if (started && Poll.Wait(ended, Milliseconds) == 0)
                {
                    _ = Pidfd.Send(child.Pidfd, Signal.Kill);
                }

                end = Pidfd.Wait(child.Pidfd);
            }

            return end is { Signalled: false, Value: 0 }
                ? Encoding.UTF8.GetString(Descriptors.ReadAll(read, LongestAnswer, "getent")).Split('\n')[0]
                : null;
        }
    }
}
