using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// <c>--template=</c>: makes the tree by copying another, unless it is there. The copy grows beside its place, under a
/// name of its own, and gets its name when it is complete.
/// </summary>
internal static class Template
{
    /// <summary>The settings, which name the tree from now on.</summary>
    public static Settings Provide(Settings settings)
    {
        if (settings.Template is not string template)
        {
            return settings;
        }

        string path = ImageSearch.PlaceOf(settings).TrimEnd('/');
        if (Processes.EffectiveUid != 0)
        {
            throw new LaunchException("must be started as root: run it with sudo");
        }

        if (FileStatus.At(path, followLast: false) is not null)
        {
            if (!settings.Quiet)
            {
                Complain.Line($"{path} is there already: nothing is copied from the template");
            }

            return settings with { Directory = path };
        }

        if (path.Contains('\n'))
        {
            throw new LaunchException($"cannot make {path}: a line break is in its path");
        }

        Copy(template, path, settings.Quiet);
        return settings with { Directory = path };
    }

    private static void Copy(string template, string path, bool quiet)
    {
        using SafeFileHandle source = Descriptors.TryOpen(template, OpenMode.Read | OpenMode.Directory, out Errno errno)
            ?? throw new LaunchException($"cannot use the template {template}: {ErrnoText.Of(errno)}");
        (string above, string name) = RootDirectory.Split(path);
        using SafeFileHandle parent = Descriptors.TryOpen(above, OpenMode.Path | OpenMode.Directory, out errno)
            ?? throw new LaunchException($"cannot make the tree {path}: {above}: {ErrnoText.Of(errno)}");
        string growing = $".#{name}{Guid.NewGuid():N}";
        using UndoJournal undo = new();
        undo.Record(new UndoStep.RemoveSubvolume($"{above.TrimEnd('/')}/{growing}"));
        using CopyProgress progress = new(path, quiet);
        try
        {
            if (!TrySnapshot(source, parent, growing, path))
            {
                _ = FileSystems.MakeDirectory(parent, growing, 0x1c0 /* 0700 */, path);
                using SafeFileHandle target = Descriptors.TryOpenAt(parent, growing, OpenMode.Read | OpenMode.Directory, out errno)
                    ?? throw new SyscallException("openat", errno, path);
                new TreeCopy(progress.Show).Copy(source, target, template);
            }

            if (!FileSystems.TryRename(parent, growing, name, path) && !quiet)
            {
                Complain.Line($"{path} was made meanwhile by somebody else: that one is used");
            }
        }
        catch (SyscallException failure)
        {
            string remedy = failure.Errno is Errno.ENOENT or Errno.ESTALE ? "; the template changed while it was copied" : "";
            throw new LaunchException($"cannot copy the template {template} to {path}: {failure.Message}{remedy}");
        }
    }

    private static bool TrySnapshot(SafeFileHandle source, SafeFileHandle parent, string name, string path)
    {
        if (!Subvolume.IsWhole(source))
        {
            return false;
        }

        try
        {
            Subvolume.Snapshot(source, parent, name, path);
            return true;
        }
        catch (SyscallException)
        {
            return false; // on another file system
        }
    }

    /// <summary>A line on the terminal that tells how far the copy is, for one that takes longer than a moment.</summary>
    private sealed class CopyProgress(string path, bool quiet) : IDisposable
    {
        private const int Interval = 250;

        private readonly bool _shown = !quiet && Processes.IsTerminal(StandardDescriptors.Error);
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private long _next = Interval;

        public void Show(long files, long bytes)
        {
            if (_shown && _clock.ElapsedMilliseconds >= _next)
            {
                _next = _clock.ElapsedMilliseconds + Interval;
                Write($"\rcopying to {path}: {files} files, {bytes >> 20} MiB\x1b[K");
            }
        }

        public void Dispose()
        {
            if (_next > Interval)
            {
                Write("\r\x1b[K");
            }
        }

        private static void Write(string text) => Descriptors.Write(
            StandardDescriptors.Borrow(StandardDescriptors.Error), System.Text.Encoding.UTF8.GetBytes(text), "standard error");
    }
}
