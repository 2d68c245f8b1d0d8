using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// The passphrase of an image, one for all that is encrypted in it: from the credential that systemd takes it from too, or
/// from who sits at the terminal. It is kept at one place in memory, and cleared.
/// </summary>
/// <param name="journal">Where the terminal's attributes are written down while nothing typed is shown; null: nowhere.</param>
internal sealed class ImagePassphrase(UndoJournal? journal) : IDisposable
{
    private const string Credential = "dissect.passphrase";
    private const int Longest = 4096; // a terminal's line has no more
    private const int Attempts = 3;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(Longest, pinned: true); // a moved array would leave a copy
    private int _length = -1;
    private int _asked;

    /// <summary>What is known, or else asked for.</summary>
    /// <param name="subject">What it is to open.</param>
    public ReadOnlySpan<byte> For(string subject)
    {
        if (_length < 0 && !TryLoad(subject))
        {
            Ask(subject);
        }

        return _bytes.AsSpan(0, _length);
    }

    /// <summary>It was not the one: the next is asked for, unless that makes no sense.</summary>
    public void Reject(string subject)
    {
        if (_asked == 0)
        {
            throw new LaunchException($"cannot decrypt {subject}: the passphrase in the credential {Credential} is not the one");
        }

        if (_asked == Attempts)
        {
            throw new LaunchException($"cannot decrypt {subject}: wrong passphrase, {Attempts} times");
        }

        Complain.Line("wrong passphrase, try again");
        _length = -1;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    private bool TryLoad(string subject)
    {
        if (_asked > 0 || Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is not ['/', ..] directory)
        {
            return false;
        }

        string path = $"{directory}/{Credential}";
        using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.Read, out Errno errno);
        if (file is null)
        {
            return errno == Errno.ENOENT ? false : throw new LaunchException($"cannot decrypt {subject}: cannot read {path}: {ErrnoText.Of(errno)}");
        }

        int length = Descriptors.ReadAt(file, 0, _bytes, path);
        int end = _bytes.AsSpan(0, length).IndexOf((byte)0); // as systemd reads it: a NUL ends it, a line break does not
        _length = length < Longest ? end < 0 ? length : end
            : throw new LaunchException($"cannot decrypt {subject}: {path} is no passphrase: it has {Longest} bytes or more");
        return true;
    }

    private void Ask(string subject)
    {
        SafeFileHandle terminal = StandardDescriptors.Borrow(StandardDescriptors.Input);
        TerminalAttributes before = TerminalAttributes.Of(terminal) ?? throw new LaunchException(
            $"cannot decrypt {subject}: no passphrase: standard input is no terminal, and there is no credential {Credential} in $CREDENTIALS_DIRECTORY");
        UndoStep.RestoreTerminal undo = new(StandardDescriptors.Input, before.ToBytes());
        journal?.Record(undo);
        _ = before.Silent().Apply(terminal);
        try
        {
            if (Descriptors.TryWrite(terminal, "Please enter image passphrase: "u8).Failed)
            {
                Complain.Line("please enter image passphrase:");
            }

            IoResult read;
            while ((read = Descriptors.TryRead(terminal, _bytes)).Error == Errno.EINTR)
            {
            }

            _asked++;
            _length = read.Count > 0
                ? _bytes.AsSpan(0, read.Count).TrimEnd("\n"u8).Length
                : throw new LaunchException($"cannot decrypt {subject}: no passphrase was given");
        }
        finally
        {
            _ = before.Apply(terminal);
            journal?.Forget(undo);
        }
    }
}
