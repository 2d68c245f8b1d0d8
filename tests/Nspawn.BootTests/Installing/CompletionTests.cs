using System.Text;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>The completions as installed, in the shells themselves.</summary>
public sealed class CompletionTests : IClassFixture<CompletionTests.Installed>
{
    private readonly Installed _installed;

    public CompletionTests(Installed installed) => _installed = installed;

    /// <summary>Installed once for all of them.</summary>
    public sealed class Installed : IDisposable
    {
        public Installed()
        {
            try
            {
                Installation.Install();
            }
            catch
            {
                // Nobody disposes of what was never made.
                Dispose();
                throw;
            }
        }

        public Installation Installation { get; } = new();

        public string At(string path) => Installation.At("/usr/local/share/" + path);

        public void Dispose() => Installation.Dispose();
    }

    /// <summary>The words as readline takes them apart, separated by blanks; a last blank begins a new word.</summary>
    [Theory]
    [InlineData("nspawn --con", "--console=")]
    [InlineData("nspawn --console =", "interactive read-only passive pipe autopipe")]
    [InlineData("nspawn --console = au", "autopipe")]
    [InlineData("nspawn --console au", "autopipe")]
    [InlineData("nspawn --register = ", "")]
    [InlineData("nspawn --register =", "yes no auto")]
    [InlineData("nspawn --rlimit = RLIMIT_NOF", "RLIMIT_NOFILE=")]
    [InlineData("nspawn -D /va", "/var")]
    [InlineData("nspawn -qbD /va", "/var")]
    [InlineData("nspawn --directory = /va", "/var")]
    [InlineData("nspawn --bind = /etc/hostn", "/etc/hostname")]
    [InlineData("nspawn --bind = /etc : /etc/hostn", "")]
    [InlineData("nspawn --bind = /etc : /x --keep", "--keep-unit")]
    [InlineData("nspawn -D /tree ls --con", "")]
    [InlineData("nspawn -- --con", "")]
    [InlineData("nspawn ", "explain check test diff list exec shell wait stop logs doctor completion")]
    [InlineData("nspawn list --", "--json")]
    [InlineData("nspawn exec --t", "--tty")]
    [InlineData("nspawn wait some --for = re", "ready")]
    [InlineData("nspawn wait --for e", "exit")]
    [InlineData("nspawn stop some --", "--timeout= --kill")]
    [InlineData("nspawn exec some ls --t", "")]
    [InlineData("nspawn exec some -- --t", "")]
    [InlineData("nspawn explain --js", "--json")]
    [InlineData("nspawn explain --con", "--console=")]
    [InlineData("nspawn test --max", "--max-boot-time=")]
    [InlineData("nspawn test --output = /etc/hostn", "/etc/hostname")]
    [InlineData("nspawn test -o /etc/hostn", "/etc/hostname")]
    [InlineData("nspawn test --check true --con", "--console=")]
    [InlineData("nspawn check --", "--json --strict")]
    [InlineData("nspawn check --json /va", "/var")]
    [InlineData("nspawn completion ", "bash zsh fish")]
    public void Bash_Offers(string words, string expected)
    {
        string script = """
            . "$1"
            IFS=' ' read -ra COMP_WORDS <<<"$2"
            [[ $2 != *' ' ]] || COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _nspawn
            echo "${COMPREPLY[*]}"
            """;
        Outcome outcome = Command.Run("bash", ["-uc", script, "bash", _installed.At("bash-completion/completions/nspawn"), words]);
        Assert.True(outcome.Text == expected + "\n" && outcome.Error.Length == 0, outcome.ToString());
    }

    [Fact]
    public void Bash_FindsItAndCompletesOnATerminal()
    {
        Need.Tool("script");
        Need.That(File.Exists("/usr/share/bash-completion/bash_completion"), "needs bash-completion; scripts/setup installs it");
        string start = _installed.Installation.At("/bashrc");
        File.WriteAllText(start, """
            . /usr/share/bash-completion/bash_completion
            nspawn() { printf 'given: %s\n' "$*"; }

            """);
        using Command command = Command.Start(
            "script", ["-qec", $"bash --noprofile --rcfile {start} -i", "/dev/null"],
            Launcher.CallerEnvironment.Append(new("XDG_DATA_DIRS", _installed.At(""))).Append(new("TERM", "dumb")),
            Encoding.ASCII.GetBytes("nspawn --cons\tautop\t--bo\t-D /va\t\nexit\n"));

        Outcome outcome = command.Wait(TimeSpan.FromSeconds(30));
        Assert.Contains("given: --console=autopipe --boot -D /var/\n", outcome.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nspawn --con", "--console")]
    [InlineData("nspawn --console=au", "--console=autopipe")]
    [InlineData("nspawn --console au", "autopipe")]
    [InlineData("nspawn -D /va", "/var/")]
    [InlineData("nspawn -D /tree ls --con", "")]
    [InlineData("nspawn -- --con", "")]
    [InlineData("nspawn ", "check completion diff doctor exec explain list logs shell stop test wait")]
    [InlineData("nspawn exec --t", "--tty")]
    [InlineData("nspawn wait --for=re", "--for=ready")]
    [InlineData("nspawn explain --js", "--json")]
    [InlineData("nspawn check --", "--json --strict")]
    [InlineData("nspawn check --json /va", "/var/")]
    [InlineData("nspawn completion ", "bash fish zsh")]
    public void Fish_Offers(string line, string expected)
    {
        Need.Tool("fish");
        // It completes only for a program that is there.
        using Command command = Command.Start("fish", ["-c", $"complete -C '{line}'"], Launcher.CallerEnvironment
            .Append(new("XDG_DATA_DIRS", _installed.At(""))).Append(new("XDG_CONFIG_HOME", _installed.Installation.At("/fish")))
            .Append(new("XDG_DATA_HOME", _installed.Installation.At("/fish")))
            .Append(new("PATH", _installed.Installation.At("/usr/local/bin") + ":/usr/bin:/bin")));

        Outcome outcome = command.Wait(TimeSpan.FromSeconds(30));
        string[] words = [.. outcome.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('\t')[0])];
        Assert.True(string.Join(' ', words) == expected && outcome.Error.Length == 0, outcome.ToString());
    }

    [Theory]
    [InlineData("nspawn --cons", "nspawn --console=")]
    [InlineData("nspawn --console=au", "nspawn --console=autopipe")]
    [InlineData("nspawn --console au", "nspawn --console autopipe")]
    [InlineData("nspawn -bD /va", "nspawn -bD /var")]
    [InlineData("nspawn -D /tree ls --cons", "nspawn -D /tree ls --cons")]
    [InlineData("nspawn expl", "nspawn explain")]
    [InlineData("nspawn exec --tt", "nspawn exec --tty")]
    [InlineData("nspawn wait --for=re", "nspawn wait --for=ready")]
    [InlineData("nspawn explain --js", "nspawn explain --json")]
    [InlineData("nspawn test --max-b", "nspawn test --max-boot-time=")]
    [InlineData("nspawn check --str", "nspawn check --strict")]
    [InlineData("nspawn check --json /va", "nspawn check --json /var")]
    [InlineData("nspawn completion fi", "nspawn completion fish")]
    public void Zsh_Completes(string line, string expected)
    {
        Need.Tool("zsh");
        // The line's end is a widget that writes down what is in it.
        string script = """
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell "fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -D -u"
            zpty -w shell 'tell() { print -r -- "line<$BUFFER>"; BUFFER=; zle accept-line }; zle -N tell; bindkey "^X" tell; print rea''dy'
            zpty -r shell seen '*ready*'
            zpty -w -n shell "$2"$'\t\x18'
            zpty -r shell seen '*line<*>*'
            print -r -- "${${seen##*line<}%%>*}"
            zpty -d shell
            """;
        Outcome outcome = Command.Run("timeout", ["20", "zsh", "-fc", script, "zsh", _installed.At("zsh/site-functions"), line]);
        Assert.True(outcome.Text.TrimEnd(' ', '/', '\n') == expected, outcome.ToString());
    }

    [Theory]
    [InlineData("bash", "bash-completion/completions/nspawn")]
    [InlineData("zsh", "zsh/site-functions/_nspawn")]
    [InlineData("fish", "fish/vendor_completions.d/nspawn.fish")]
    public void Script_IsThePrintedOneAndParses(string shell, string file)
    {
        Need.Tool(shell);
        Assert.Equal(Launcher.Nspawn.RunBare(["completion", shell]).Text, File.ReadAllText(_installed.At(file)));
        Outcome outcome = Command.Run(shell, ["-n", _installed.At(file)]);
        Assert.True(outcome.ExitStatus == 0 && outcome.Error.Length == 0, outcome.ToString());
    }
}
