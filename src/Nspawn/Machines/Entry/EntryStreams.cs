using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Standard input, output and error of a process in a machine. Pipes and sockets of the caller's are passed on as they are.
/// What could be misused from inside is not: with a terminal keys can be typed for the caller, a file can be opened again for
/// more than it was opened for, and from a directory there is a way up. Those get a pipe in their place.
/// </summary>
internal sealed class EntryStreams : IDisposable
{
    private readonly SafeFileHandle?[] _inside = new SafeFileHandle?[3];
    private InputRelay? _input;
    private readonly OutputRelay?[] _outputs = new OutputRelay?[2];

    public EntryStreams()
    {
        if (NeedsRelay(StandardDescriptors.Input))
        {
            (SafeFileHandle read, SafeFileHandle write) = Descriptors.Pipe();
            _inside[0] = read;
            _input = new InputRelay(write);
        }

        for (int fd = StandardDescriptors.Output; fd <= StandardDescriptors.Error; fd++)
        {
            if (!NeedsRelay(fd))
            {
                continue;
            }

            // Through one pipe where both go to one place: otherwise their order would be lost.
            if (fd == StandardDescriptors.Error && _inside[1] is not null && StatusOf(1).IsSameFileAs(StatusOf(2)))
            {
                _inside[2] = Descriptors.Duplicate(_inside[1]!);
                continue;
            }

            (SafeFileHandle read, SafeFileHandle write) = Descriptors.Pipe();
            _inside[fd] = write;
            _outputs[fd - 1] = new OutputRelay(read, fd);
        }
    }

    /// <summary>What the process gets; null: the caller's own.</summary>
    public ReadOnlySpan<SafeFileHandle?> Inside => _inside;

    /// <summary>Nothing is relayed: there is nothing to wait for but the process's end.</summary>
    public bool AreDirect => _input is null && _outputs[0] is null && _outputs[1] is null;

    /// <summary>The process has its copies: the ends in here would keep it from the end of its input.</summary>
    public void CloseInside()
    {
        foreach (SafeFileHandle? one in _inside)
        {
            one?.Dispose();
        }
    }

    public const int EntryCount = 6;

    public void Fill(Span<PollEntry> entries)
    {
        entries[0] = _input?.CallerEntry ?? PollEntry.Idle;
        entries[1] = _input?.PipeEntry ?? PollEntry.Idle;
        for (int i = 0; i < _outputs.Length; i++)
        {
            entries[2 + 2 * i] = _outputs[i]?.PipeEntry ?? PollEntry.Idle;
            entries[3 + 2 * i] = _outputs[i]?.CallerEntry ?? PollEntry.Idle;
        }
    }

    public void Forward(ReadOnlySpan<PollEntry> entries)
    {
        if (entries[0].Ready || entries[1].Ready)
        {
            _input?.Forward(entries[0].Ready);
        }

        for (int i = 0; i < _outputs.Length; i++)
        {
            if (entries[2 + 2 * i].Ready || entries[3 + 2 * i].Ready)
            {
                _ = _outputs[i]?.Forward();
            }
        }
    }

    public void Drain()
    {
        foreach (OutputRelay? output in _outputs)
        {
            output?.Drain();
        }
    }

    public void Dispose()
    {
        CloseInside();
        _input?.Dispose();
        _outputs[0]?.Dispose();
        _outputs[1]?.Dispose();
    }

    private static bool NeedsRelay(int fd)
    {
        FileType type = StatusOf(fd).Type;
        return type switch
        {
            FileType.Fifo or FileType.Socket => false,
            FileType.CharacterDevice => Processes.IsTerminal(fd),
            FileType.Directory => throw new LaunchException($"descriptor {fd} is a directory: it is not given to a machine"),
            _ => true,
        };
    }

    private static FileStatus StatusOf(int fd) => FileStatus.Of(StandardDescriptors.Borrow(fd), $"descriptor {fd}");
}
