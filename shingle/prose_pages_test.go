package shingle

// Pages written for these tests, of which about half is navigation. Each has a
// body in the shape of a news story; the marks «» around it are not part of it.

const pageEnglish = `Harbour Gazette
The voice of the coast
Home
News
Sport
Opinion
Obituaries
Subscribe

Council Shuts Old Ferry Bridge After Cracks Found

By Maren Holt, Local Reporter
Published 14 March, 9:40 am
Share this story

The old ferry bridge will stay closed until the end of April after engineers found cracks in two of its pillars, the
town council said on Tuesday.

Traffic is being sent over the northern crossing, which adds about twenty minutes to the way into town. Buses will run
every half hour instead of every fifteen minutes until the repairs are done.

"We would rather have people wait than have them cross a bridge that nobody can vouch for," said Edda Lindqvist, who
leads the council's works department. "The pillars are ninety years old, and they have never been opened up before."

What happens next

Divers will take samples from the foundations this week. If the damage is limited to the two pillars, the bridge can be
opened to cars again in six weeks; if it is not, the council will have to ask the province for money.

The province has paid for three bridges in the last ten years. It has not said whether it would pay for this one.

Shopkeepers on the south bank fear for their trade. Half of their customers come over the bridge, they say.

Read More
Ferry Timetable Changes From Monday
Ten Ways To Cook A Pumpkin
School Choir Wins Regional Prize
Storm Takes Roof Off Sailing Club
Harbour Master Retires After Forty Years
Letters: Give Us Back Our Benches
Fish Prices Fall For Third Week
Sailing Club Opens Doors To Beginners
Photo Gallery: Winter Swimming In Oakhaven
Council Budget At A Glance
Library To Close On Saturdays
Police Blotter: Week Of March Seventh
About Us
Contact
Terms Of Use
© Harbour Gazette
`

const pageRussian = `Портовый вестник
Главная
Новости
Спорт
Мнения
Погода
Подписка

Старый мост закрыт до конца апреля

Мария Гольт
14 марта, 9:40

Старый паромный мост останется закрытым до конца апреля, потому что инженеры нашли трещины в двух его опорах, сообщили во
вторник в городском совете.

Движение идет по северной переправе, и дорога в город занимает теперь на двадцать минут больше. Автобусы будут ходить
каждые полчаса, а не каждые пятнадцать минут, пока не закончится ремонт.

«Пусть люди лучше подождут, чем поедут по мосту, за который никто не может поручиться», — сказала руководитель отдела
работ. По ее словам, опорам девяносто лет, и никто их еще не вскрывал.

На этой неделе водолазы возьмут пробы из фундамента. Если повреждены только две опоры, то машины снова поедут по мосту через
шесть недель, а если нет, то совету придется просить деньги у области.

Читайте также
Новое расписание паромов
Десять рецептов из тыквы
Школьный хор получил приз
Буря сорвала крышу яхт-клуба
Начальник порта ушел на пенсию
Цены на рыбу снова упали
Бюджет совета
Библиотека закрыта по субботам
Контакты
Реклама
© Портовый вестник
`

const pageChinese = `海港日报
首页
新闻
体育
评论
天气
订阅

老渡口大桥关闭至四月底

记者 林海
3月14日 9:40

市议会星期二表示，由于工程师在老渡口大桥的两个桥墩上发现了裂缝，这座桥将一直关闭到四月底。

车辆目前改走北边的渡口，进城的路要多花大约二十分钟。在修好之前，公共汽车每半小时一班，而不是每十五分钟一班。

“我们宁愿让大家等一等，也不愿意让他们走一座谁也不敢担保的桥。”市议会工程部门的负责人说，这些桥墩已经有九十年的历史，
从来没有打开检查过。

潜水员本周将从地基取样。如果只有这两个桥墩受损，汽车六个星期以后就可以再从桥上通过；如果不是这样，市议会就只好向省里要钱。

南岸的店主担心他们的生意，他们说一半的顾客是从桥上过来的。

相关阅读
渡轮新时刻表
南瓜的十种做法
校合唱团获奖
风暴掀翻帆船俱乐部屋顶
港务局长退休
鱼价连续三周下跌
图书馆周六闭馆
关于我们
联系方式
版权所有 海港日报
`
