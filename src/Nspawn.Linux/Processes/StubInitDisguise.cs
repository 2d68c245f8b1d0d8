using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Nspawn.Linux;

/// <summary>
/// What /proc/1 shows of the stub init, which is a copy of the launcher: its own name and the container's variables in
/// the place of the launcher's command line and of the caller's environment.
/// </summary>
/// <param name="environment">What /proc/1/environ shows.</param>
/// <param name="reportSignals">A payload killed by signal N ends the stub with 128+N; otherwise with 255.</param>
/// <remarks>To be made while /proc is still the host's.</remarks>
public sealed class StubInitDisguise(IReadOnlyList<string> environment, bool reportSignals)
{
    private const string Name = "(stub-init)";

    // proc_pid_stat(5): the first field behind the name is the third.
    private const int ArgStart = 48, ArgEnd = 49, EnvStart = 50, EnvEnd = 51;

    private readonly ulong[] _places = ReadPlaces();

    internal unsafe nint Compile(ChildProgram program)
    {
        nint envLength = (nint)(_places[3] - _places[2]);
        byte[] shown = Encoding.UTF8.GetBytes(string.Join('\0', environment) + '\0');
        StubInit.Arguments arguments = new()
        {
            ArgStart = (byte*)_places[0],
            ArgLength = (nint)(_places[1] - _places[0]),
            EnvStart = (byte*)_places[2],
            EnvLength = envLength,
            Environment = (byte*)program.Array<byte>(shown),
            EnvironmentLength = Math.Min(shown.Length, envLength),
            Name = (byte*)program.Text(Name),
            SignalBase = reportSignals ? 128 : 0,
        };
        return program.Struct(arguments);
    }

    /// <summary>
    /// Empties the environment this process was started with, once all that is needed of it has been read: a child that
    /// somebody may look into is a copy.
    /// </summary>
    public static unsafe void ForgetEnvironment()
    {
        ulong[] places = ReadPlaces();
        new Span<byte>((void*)places[2], (int)(places[3] - places[2])).Clear();
    }

    private static ulong[] ReadPlaces()
    {
        using SafeFileHandle stat = Descriptors.Open("/proc/self/stat", OpenMode.Read);
        string text = Encoding.UTF8.GetString(Descriptors.ReadAll(stat, 4096, "/proc/self/stat"));
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return [.. ((int[])[ArgStart, ArgEnd, EnvStart, EnvEnd])
            .Select(field => ulong.Parse(fields[field - 3], CultureInfo.InvariantCulture))];
    }
}
