namespace Nspawn.BootTests;

/// <summary>The program under test, or systemd-nspawn as the reference; the one place that builds their command lines.</summary>
internal sealed class Launcher
{
    /// <summary>The published binary: <c>NSPAWN_BINARY</c>, or what scripts/build makes.</summary>
    public static readonly Launcher Nspawn = new(Environment.GetEnvironmentVariable("NSPAWN_BINARY") ?? Repository.File("artifacts/bin/nspawn"));

    public static readonly Launcher Reference = new("systemd-nspawn");

    private readonly bool _isReference;

    private Launcher(string program)
    {
        Program = program;
        // The suite itself can be tried on the reference: NSPAWN_BINARY=/usr/bin/systemd-nspawn.
        _isReference = Path.GetFileName(program) == "systemd-nspawn";
    }

    public string Program { get; }

    /// <summary>What it exits with when the error is its own.</summary>
    public int ErrorStatus => _isReference ? 1 : 125;

    /// <summary>The caller's environment: little, the same everywhere, and no terminal.</summary>
    public static IReadOnlyDictionary<string, string> CallerEnvironment { get; } = new Dictionary<string, string>
    {
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["HOME"] = "/root",
        ["SECRET_OF_THE_CALLER"] = "must not be seen in the container",
    };

    /// <summary>Runs a payload in the tree and waits for its end.</summary>
    public Outcome Run(Scratch scratch, IEnumerable<string> arguments, TimeSpan? timeout = null, byte[]? input = null)
    {
        using Command command = Start(scratch, arguments, input);
        return command.Wait(timeout ?? TimeSpan.FromSeconds(30));
    }

    /// <summary>Starts the launcher on the tree; <paramref name="arguments"/> are options and payload.</summary>
    public Command Start(Scratch scratch, IEnumerable<string> arguments, byte[]? input = null) =>
        Command.Start(Program, [.. OptionsFor(scratch), .. arguments], EnvironmentFor(scratch), input);

    /// <summary>The same on a terminal; standard output then has the terminal's line ends, and error goes there too.</summary>
    public Command StartOnTerminal(Scratch scratch, IEnumerable<string> arguments, byte[]? input = null)
    {
        string line = string.Join(' ', ((string[])[Program, .. OptionsFor(scratch), .. arguments]).Select(Quoted));
        return Command.Start("script", ["-q", "-e", "-c", "exec " + line, "/dev/null"], EnvironmentFor(scratch), input);
    }

    /// <summary>Runs the launcher with exactly these arguments.</summary>
    public Outcome RunBare(IEnumerable<string> arguments, TimeSpan? timeout = null)
    {
        using Command command = StartBare(arguments);
        return command.Wait(timeout ?? TimeSpan.FromSeconds(10));
    }

    /// <summary>Starts it with exactly these arguments.</summary>
    public Command StartBare(IEnumerable<string> arguments) => Command.Start(Program, arguments, CallerEnvironment);

    // systemd-nspawn 252 needs a system bus unless told twice that it shall not ask for one.
    private IEnumerable<string> OptionsFor(Scratch scratch) =>
        [.. _isReference ? (string[])["--register=no", "--keep-unit"] : [], "-q", "-M", scratch.Name, "-D", scratch.Tree];

    // It also does not find out by itself that the newest guests accept cgroup2 only.
    private IEnumerable<KeyValuePair<string, string>> EnvironmentFor(Scratch scratch) =>
        _isReference && scratch.FixtureName == "forky"
            ? CallerEnvironment.Append(new("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1"))
            : CallerEnvironment;

    private static string Quoted(string word) => "'" + word.Replace("'", @"'\''", StringComparison.Ordinal) + "'";
}
