using System.Diagnostics;
using System.Globalization;
using System.Text;
using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>A program that runs beside the test: its output is collected, it can be signalled, and it does not outlive the test.</summary>
internal sealed class Command : IDisposable
{
    private readonly Process _process;
    private readonly MemoryStream _output = new();
    private readonly MemoryStream _error = new();
    private readonly Thread _outputReader;
    private readonly Thread _errorReader;
    private readonly Thread _feeder;

    private Command(ProcessStartInfo start, byte[]? input)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start) ?? throw new InvalidOperationException("not started: " + start.FileName);
        _outputReader = Collect(_process.StandardOutput.BaseStream, _output);
        _errorReader = Collect(_process.StandardError.BaseStream, _error);
        _feeder = Background(() => Feed(input ?? []));
    }

    public int Pid => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>Standard output up to now.</summary>
    public string OutputSoFar
    {
        get
        {
            lock (_output)
            {
                return Encoding.UTF8.GetString(_output.GetBuffer(), 0, (int)_output.Length);
            }
        }
    }

    public static Command Start(
        string program, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>>? environment = null, byte[]? input = null)
    {
        ProcessStartInfo start = new(program, arguments);
        if (environment is not null)
        {
            start.Environment.Clear();
            foreach ((string name, string value) in environment)
            {
                start.Environment[name] = value;
            }
        }

        return new Command(start, input);
    }

    public static Outcome Run(string program, IEnumerable<string> arguments, TimeSpan? timeout = null, string workingDirectory = "/")
    {
        using Command command = new(new ProcessStartInfo(program, arguments) { WorkingDirectory = workingDirectory }, input: null);
        return command.Wait(timeout ?? TimeSpan.FromSeconds(60));
    }

    public void Signal(Signum signal) => Syscall.kill(Pid, signal);

    /// <summary>Signals the one program this program runs, as script(1) runs the launcher.</summary>
    public void SignalOnlyChild(Signum signal) => Assert.True(SignalChildIfAny(signal), "there is nobody to signal");

    public bool SignalChildIfAny(Signum signal)
    {
        string children;
        try
        {
            children = File.ReadAllText($"/proc/{Pid}/task/{Pid}/children");
        }
        catch (IOException)
        {
            return false; // it has ended
        }

        return int.TryParse(children, CultureInfo.InvariantCulture, out int child) && Syscall.kill(child, signal) == 0;
    }

    /// <summary>Waits for the text on standard output; false when the program ended or the time is up without it.</summary>
    public bool WaitForOutput(string text, TimeSpan timeout)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!OutputSoFar.Contains(text, StringComparison.Ordinal))
        {
            if (clock.Elapsed > timeout || (HasEnded && !_outputReader.Join(1000)))
            {
                return false;
            }

            if (HasEnded)
            {
                return OutputSoFar.Contains(text, StringComparison.Ordinal);
            }

            Thread.Sleep(10);
        }

        return true;
    }

    public Outcome Wait(TimeSpan timeout)
    {
        bool inTime = _process.WaitForExit(timeout);
        if (!inTime)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        // A payload that outlives its launcher would hold the pipes open for ever.
        bool complete = _outputReader.Join(TimeSpan.FromSeconds(5)) & _errorReader.Join(TimeSpan.FromSeconds(5));
        lock (_output)
        {
            lock (_error)
            {
                return new Outcome(_process.ExitCode, _output.ToArray(), Encoding.UTF8.GetString(_error.ToArray()), !inTime || !complete);
            }
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _feeder.Join(TimeSpan.FromSeconds(5));
        _process.Dispose();
    }

    private void Feed(byte[] input)
    {
        try
        {
            using Stream stream = _process.StandardInput.BaseStream;
            stream.Write(input);
        }
        catch (IOException)
        {
            // It does not read its input; that is its business.
        }
    }

    private static Thread Collect(Stream from, MemoryStream to) => Background(() =>
    {
        byte[] buffer = new byte[65536];
        int count;
        while ((count = from.Read(buffer)) > 0)
        {
            lock (to)
            {
                to.Write(buffer, 0, count);
            }
        }
    });

    private static Thread Background(ThreadStart work)
    {
        Thread thread = new(work) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
