using System.CommandLine;
using Serve.EvalCli;

var root = new RootCommand("The commands of serve that need no model; ./serve --help lists them all.") { EvaluateCommand.Create(), CompareCommand.Create() };
return await Invocation.RunAsync(root, args, Console.Out, Console.Error);
