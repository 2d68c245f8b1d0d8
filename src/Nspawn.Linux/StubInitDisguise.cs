using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Nspawn.Linux;

/// <summary>
/// What /proc/1 shows of the stub init, which is a copy of the launcher: its own name and the container's variables in
/// the place of the launcher's command line and of the caller's environment.
/// </summary>
/// <param name="Environment">What /proc/1/environ shows.</param>
/// <param name="ReportSignals">A payload killed by signal N ends the stub with 128+N; otherwise with 255.</param>
public sealed record StubInitDisguise(IReadOnlyList<string> Environment, bool ReportSignals)
{
    private const string Name = "(stub-init)";

    // proc_pid_stat(5): the first field behind the name is the third.
    private const int ArgStart = 48, ArgEnd = 49, EnvStart = 50, EnvEnd = 51;

    internal unsafe nint Compile(ChildProgram program)
    {
        ulong[] places = ReadPlaces();
        nint envLength = (nint)(places[3] - places[2]);
        byte[] environment = Encoding.UTF8.GetBytes(string.Join('\0', Environment) + '\0');
        StubInit.Arguments arguments = new()
        {
            ArgStart = (byte*)places[0],
            ArgLength = (nint)(places[1] - places[0]),
            EnvStart = (byte*)places[2],
            EnvLength = envLength,
            Environment = (byte*)program.Array<byte>(environment),
            EnvironmentLength = Math.Min(environment.Length, envLength),
            Name = (byte*)program.Text(Name),
            SignalBase = ReportSignals ? 128 : 0,
        };
        return program.Struct(arguments);
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
