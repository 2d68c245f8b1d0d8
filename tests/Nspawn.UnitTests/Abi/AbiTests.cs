using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>Every constant and struct of the kernel layer is what the C headers say; the compiler is asked.</summary>
public class AbiTests
{
    [Fact]
    public void Every_constant_has_the_value_of_the_headers()
    {
        StringBuilder program = Program();
        foreach ((string name, string expression, ulong value) in AbiNames.Constants().Concat(AbiNames.Enumerations()))
        {
            string assertion = Assertion($"(unsigned long long)({expression}) == {value}ULL", name);
            _ = CNames.Unchecked.ContainsKey(name) ? program
                : CNames.NotInEveryHeader.ContainsKey(name) ? program.Append($"#ifdef {expression}\n{assertion}#endif\n")
                : program.Append(assertion);
        }

        Assert.Equal("", CCompiler.Complaints(program.ToString()));
    }

    [Fact]
    public void Every_struct_is_laid_out_as_in_the_headers()
    {
        StringBuilder program = Program();
        foreach (Type type in AbiNames.Structs())
        {
            string name = AbiNames.Of(type);
            string c = CNames.Structs.GetValueOrDefault(name, "struct " + type.Name);
            if (!CNames.Unchecked.ContainsKey("sizeof " + name))
            {
                _ = program.Append(Assertion($"sizeof({c}) == {Marshal.SizeOf(type)}", name));
            }

            foreach (FieldInfo field in AbiNames.FieldsOf(type))
            {
                string member = $"{name}.{AbiNames.NameOf(field)}";
                string cField = CNames.Members.GetValueOrDefault(member, AbiNames.NameOf(field));
                _ = program.Append(Assertion($"offsetof({c}, {cField}) == {Marshal.OffsetOf(type, field.Name)}", member));
                _ = program.Append(Assertion($"sizeof((({c} *)0)->{cField}) == {AbiNames.SizeOf(field)}", member));
            }
        }

        Assert.Equal("", CCompiler.Complaints(program.ToString()));
    }

    [Fact]
    public void A_wrong_value_and_an_unknown_name_are_both_told()
    {
        string wrong = CCompiler.Complaints(Program().Append(Assertion("MS_RDONLY == 2ULL", "LibC.MS_RDONLY")).ToString());
        string unknown = CCompiler.Complaints(Program().Append(Assertion("MS_NO_SUCH == 2ULL", "LibC.MS_NO_SUCH")).ToString());

        Assert.Contains("LibC.MS_RDONLY", wrong);
        Assert.Contains("MS_NO_SUCH", unknown);
    }

    [Fact]
    public void The_kernel_layer_is_seen()
    {
        string[] names = [.. AbiNames.Constants().Select(one => one.Name), .. AbiNames.Structs().Select(AbiNames.Of)];

        Assert.InRange(names.Length, 200, 2000);
        Assert.Contains("LibC.SYS_clone3", names);
        Assert.Contains("ChildProgram.PR_SET_PDEATHSIG", names);
        Assert.Contains("Bpf.BPF_PROG_LOAD", names);
        Assert.Contains("StubInit.RB_POWER_OFF", names);
        Assert.Contains("LibC.clone_args", names);
        Assert.Contains("StubInit.Timespec", names);
    }

    [Fact]
    public void The_map_has_no_entry_that_fits_nothing()
    {
        HashSet<string> members =
        [
            .. AbiNames.Constants().Select(one => one.Name),
            .. AbiNames.Structs().SelectMany(type => AbiNames.FieldsOf(type).Select(field => $"{AbiNames.Of(type)}.{AbiNames.NameOf(field)}")),
            .. AbiNames.Structs().Select(type => "sizeof " + AbiNames.Of(type)),
        ];
        string[] structs = [.. AbiNames.Structs().Select(AbiNames.Of)];

        Assert.Empty(CNames.Members.Keys.Concat(CNames.Unchecked.Keys).Concat(CNames.NotInEveryHeader.Keys).Except(members));
        Assert.Empty(CNames.Structs.Keys.Except(structs));
    }

    private static StringBuilder Program() =>
        new StringBuilder("#define _GNU_SOURCE\n").AppendJoin("", CNames.Headers.Select(header => $"#include <{header}>\n"));

    private static string Assertion(string condition, string name) => $"_Static_assert({condition}, \"{name}\");\n";
}
