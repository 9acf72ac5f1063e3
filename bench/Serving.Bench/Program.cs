// What a machine can give at most for a model, and a naive server to compare with. bench/serve-speed.sh runs all of it beside `serve bench`, bench/hosting.sh the last; one part alone:
//   dotnet run -c Release --project bench/Serving.Bench -- limits ../shared/models/yolox-nano/model.onnx --images photos
//   dotnet run -c Release --project bench/Serving.Bench -- naive ../shared/models/yolox-nano/model.onnx --port 8103
//   dotnet run -c Release --project bench/Serving.Bench -- queue
//   dotnet run -c Release --project bench/Serving.Bench -- hosting --url http://127.0.0.1:8080
using System.CommandLine;
using Serve.Serving.Bench;

var model = new Argument<string>("model") { Description = "An ONNX file that takes float32 [1, 3, height, width]; of the YOLOX line its detections are read." };
var images = new Option<string>("--images") { Description = "Folder of pictures.", Required = true };
var seconds = new Option<double>("--seconds") { Description = "Length of each run.", DefaultValueFactory = _ => 5 };
var port = new Option<int>("--port") { Description = "Port to listen on, on this machine only.", DefaultValueFactory = _ => 8103 };

var limits = new Command("limits", "Images a second of bare runs on a ready tensor, and of plain loops: decode, letterbox, run, decode.") { model, images, seconds };
limits.SetAction(parsed => Limits.Write(Console.Out, parsed.GetValue(model)!, parsed.GetValue(images)!, TimeSpan.FromSeconds(parsed.GetValue(seconds))));

var naive = new Command("naive", "A minimal API that runs each request by itself: one session, libvips, no queue.") { model, port };
naive.SetAction((parsed, ct) => NaiveServer.RunAsync(parsed.GetValue(model)!, parsed.GetValue(port), ct));

var load = new Option<double>("--load") { Description = "The share of the cores' time that is asked for.", DefaultValueFactory = _ => 0.8 };
var queue = new Command("queue", "Latencies that arrivals at random make by themselves, in a queue without cost.") { load };
queue.SetAction(parsed => IdealQueue.Write(Console.Out, parsed.GetValue(load)));

var url = new Option<string>("--url") { Description = "The server.", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
var submissions = new Option<int>("--submissions") { Description = "Submissions to send.", DefaultValueFactory = _ => 1000 };
var splitImages = new Option<int>("--split-images") { Description = "Images of the dataset that they are for.", DefaultValueFactory = _ => 5000 };
var hosting = new Command("hosting", "Fills a leaderboard of a running server, and checks the table that comes of it.") { url, submissions, splitImages };
hosting.SetAction((parsed, ct) => HostingLoad.RunAsync(Console.Out, new(parsed.GetValue(url)!), parsed.GetValue(submissions), parsed.GetValue(splitImages), ct));

return await new RootCommand("Measures what serving is held against.") { limits, naive, queue, hosting }.Parse(args).InvokeAsync();
