using System.Collections.Immutable;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// The files that reports are written to: opened before anything is booted, so that nobody waits for a report that cannot be
/// written, and emptied when there is one.
/// </summary>
internal sealed class ReportFiles : IDisposable
{
    private const uint Permissions = 0x1a4; // 0644

    private readonly List<(ReportTarget Target, SafeFileHandle File)> _files = [];

    /// <exception cref="LaunchException">One of them cannot be written.</exception>
    public ReportFiles(ImmutableArray<ReportTarget> targets)
    {
        try
        {
            foreach (ReportTarget target in targets)
            {
                _files.Add((target, Open(target)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose() => _files.ForEach(one => one.File.Dispose());

    /// <summary>Writes them all, as far as it is possible, and says of each that it is not.</summary>
    /// <returns>All are written.</returns>
    public bool Write(TestOutcome outcome)
    {
        bool all = true;
        foreach ((ReportTarget target, SafeFileHandle file) in _files)
        {
            byte[] content = target switch
            {
                { Format: ReportFormat format } => Encoding.UTF8.GetBytes(format.Write(outcome.Report)),
                { Record: RecordKind record } => outcome.Records.GetValueOrDefault(record) ?? [],
                _ => [],
            };
            bool hasBooted = outcome.Report.Verdict != Verdict.LauncherFailed; // else that has been said
            if (hasBooted && content.Length == 0 && target.Record is RecordKind.Journal or RecordKind.JournalExport)
            {
                Complain.Line($"{Message.Printable(target.Path)} is empty: there was no journal to be asked for");
            }

            all &= TryWrite(file, target.Path, content, replaces: !target.IsOutput);
        }

        return all;
    }

    /// <summary>Puts a text behind what is in a file of the host.</summary>
    public static void Append(string path, string text)
    {
        using SafeFileHandle? file = Descriptors.TryOpenToWrite(path, Permissions, out Errno errno, appends: true);
        if (file is null)
        {
            Complain.Line($"cannot write the report {Message.Printable(path)}: {ErrnoText.Of(errno)}");
            return;
        }

        _ = TryWrite(file, path, Encoding.UTF8.GetBytes(text), replaces: false);
    }

    private static SafeFileHandle Open(ReportTarget target) => target.IsOutput
        ? StandardDescriptors.Borrow(StandardDescriptors.Output)
        : Descriptors.TryOpenToWrite(target.Path, Permissions, out Errno errno)
            ?? throw new LaunchException($"cannot write the report {Message.Printable(target.Path)}: {ErrnoText.Of(errno)}");

    private static bool TryWrite(SafeFileHandle file, string path, byte[] content, bool replaces)
    {
        try
        {
            if (replaces)
            {
                Descriptors.Empty(file);
            }

            Descriptors.Write(file, content, path);
            return true;
        }
        catch (SyscallException failure)
        {
            Complain.Line($"cannot write the report {Message.Printable(path)}: {failure.Reason}");
            return false;
        }
    }
}
