using System.Text;
using Serve.Eval.Json;

namespace Serve.Eval.Tests.Json;

public unsafe class NumberArraysTests
{
    [Fact]
    public void Arrays_of_plain_numbers_are_passed_over()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var text = Array(random, random.Next(4));
            Assert.True(JsonSkipperTests.IsJson(Encoding.UTF8.GetBytes(text)), text);
            // What follows does not matter.
            Assert.Equal(text.Length, new Scanned(text + new[] { "", ",", "]]]", " \"x\"", "1.5.5" }[random.Next(5)]).Run(NumberArrays.After));
        }
    }

    [Fact]
    public void Nothing_is_passed_over_that_is_no_json()
    {
        const string Alphabet = "0123456789..--,,[]  eE+\n\"x\0";
        var random = new Random(2);
        for (var i = 0; i < 40_000; i++)
        {
            var text = new StringBuilder(Array(random, random.Next(3)));
            for (var changes = random.Next(1, 3); changes > 0 && text.Length > 1; changes--)
            {
                var at = random.Next(1, text.Length);
                if (random.Next(2) == 0)
                    text.Remove(at, 1);
                else
                    text.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
            }
            var changed = text.ToString();
            var length = new Scanned(changed).Run(NumberArrays.After);
            if (length >= 0)
                Assert.True(JsonSkipperTests.IsJson(Encoding.UTF8.GetBytes(changed[..length])), changed);
            else
                Assert.True(changed.Any(c => "eE+\"x\0".Contains(c, StringComparison.Ordinal)) || !JsonSkipperTests.IsJson(Encoding.UTF8.GetBytes(changed)), changed);
        }
    }

    [Fact]
    public void Every_fault_is_seen_at_every_place_of_a_block()
    {
        string[] faults = ["1..2", "1.2.3", "01", "-01", "-", "1.", ".5", "1 2", ",1", "1,,2", "1,", "[1][2]", "1-2", "[]1", "--1", "-.5", "1 ,,2", "[ ,1]"];
        foreach (var fault in faults)
        {
            for (var before = 0; before < 140; before++)
            {
                // Digits, blanks and numbers before it, so that each kind of carry between blocks occurs.
                foreach (var filler in new[] { new string('1', before) + ",", new string(' ', before), "1." + new string('2', before) + ",", string.Concat(Enumerable.Repeat("7,", before / 2)) })
                    Assert.Equal(-1, new Scanned($"[{filler}{fault}]").Run(NumberArrays.After));
            }
        }
    }

    internal static string Array(Random random, int depth)
    {
        var space = random.Next(3) switch { 0 => "", 1 => " ", _ => "\n   \t\r" };
        var items = Enumerable.Range(0, random.Next(2) * random.Next(40)).Select(_ => depth > 0 && random.Next(3) == 0 ? Array(random, depth - 1) : Number(random));
        return $"[{(random.Next(4) == 0 ? space : "")}{string.Join($"{(random.Next(4) == 0 ? space : "")},{space}", items)}{(random.Next(4) == 0 ? space : "")}]";
    }

    private static string Number(Random random)
    {
        var text = (random.Next(5) == 0 ? "-" : "") + (random.Next(4) == 0 ? "0" : $"{random.NextInt64(1, random.Next(2) == 0 ? 1000 : long.MaxValue)}");
        return random.Next(2) == 0 ? text : $"{text}.{new string('0', random.Next(3))}{random.Next(100_000)}";
    }
}
