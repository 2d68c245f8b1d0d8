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

    private readonly List<(ReportKind Kind, string Path, SafeFileHandle File)> _files = [];

    /// <exception cref="LaunchException">One of them cannot be written.</exception>
    public ReportFiles(IEnumerable<string> paths)
    {
        try
        {
            foreach (string path in paths)
            {
                ReportKind kind = ReportKinds.Of(path) ?? throw new UsageException(
                    $"--output={Message.Printable(path)}: the name does not say which report it is to be: {ReportKinds.Accepted}");
                SafeFileHandle file = Descriptors.TryOpenToWrite(path, Permissions, out Errno errno)
                    ?? throw new LaunchException($"cannot write the report {Message.Printable(path)}: {ErrnoText.Of(errno)}");
                _files.Add((kind, path, file));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public bool Wants(ReportKind kind) => _files.Any(one => one.Kind == kind);

    public bool IsEmpty => _files.Count == 0;

    /// <summary>Writes them all, as far as it is possible, and says of each that it is not.</summary>
    /// <param name="content">What is to be in a report of a kind; null: there is nothing to write.</param>
    /// <returns>All are written.</returns>
    public bool Write(Func<ReportKind, byte[]?> content)
    {
        bool all = true;
        foreach ((ReportKind kind, string path, SafeFileHandle file) in _files)
        {
            try
            {
                Descriptors.Empty(file);
                Descriptors.Write(file, content(kind) ?? [], path);
            }
            catch (SyscallException failure)
            {
                Complain.Line($"cannot write the report {Message.Printable(path)}: {failure.Reason}");
                all = false;
            }
        }

        return all;
    }

    public void Dispose() => _files.ForEach(one => one.File.Dispose());
}
