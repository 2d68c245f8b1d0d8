using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The launcher's side of a machine's state: a file in the run's directory, for root only, since the payload's environment is
/// in it. Written at once when the payload runs; news is appended a line at a time.
/// </summary>
internal sealed class StateFile : IDisposable
{
    private const uint OwnerOnly = 0x180; // 0600

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly MachineNews _news = new();

    /// <summary>Makes the file, empty: there is no machine yet.</summary>
    public StateFile(string path)
    {
        _path = path;
        _file = Descriptors.Make(path, OwnerOnly);
    }

    public void Write(MachineState state) => Append(state.ToText());

    /// <summary>What the container's PID 1 said by sd_notify(3).</summary>
    public void Tell(ReadOnlySpan<byte> datagram)
    {
        foreach (string line in _news.Of(datagram))
        {
            Append(line + "\n");
        }
    }

    /// <summary>The launcher was asked to end the machine.</summary>
    public void TellStop()
    {
        if (_news.OfStop() is string line)
        {
            Append(line + "\n");
        }
    }

    public void Dispose() => _file.Dispose();

    private void Append(string text)
    {
        try
        {
            Descriptors.Write(_file, Encoding.UTF8.GetBytes(text), _path);
        }
        catch (SyscallException failure)
        {
            // The machine runs all the same.
            Complain.Line($"nspawn list and exec will not know the machine: {failure.Message}");
        }
    }
}
